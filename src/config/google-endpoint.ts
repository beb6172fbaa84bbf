import { KgsyncError } from "../core/errors.ts";
import type { Environment } from "./read-setting.ts";

/** `anonymous`: it is an emulator, which gets no credentials. */
export type GoogleEndpoint = { readonly endpoint: string | undefined; readonly anonymous: boolean };

const EMULATOR = "STORAGE_EMULATOR_HOST";
const PRIVATE = "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE";

/** Scheme, host and port; some tools want the API's path behind it, others add it. */
const originOf = (name: string, text: string): string => {
  const url = /^https?:\/\//i.test(text) ? text : name === EMULATOR ? `http://${text}` : "";
  if (!URL.canParse(url) || !/^(?:\/storage\/v1)?\/?$/.test(new URL(url).pathname)) {
    throw new KgsyncError("config-invalid", `${name} is not the URL of a server`, {
      hint: "Accepted is, for example, http://localhost:4443 for an emulator, https://storage-x.p.googleapis.com for Google.",
    });
  }
  return new URL(url).origin;
};

/**
 * The server of gs://, by the variables that Google's own tools read: an emulator by `STORAGE_EMULATOR_HOST`, a private
 * endpoint by gcloud's `CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE`; `undefined` for Google's public one.
 *
 * @throws KgsyncError `config-invalid` where one of them is no URL.
 */
export const googleEndpoint = (env: Environment): GoogleEndpoint => {
  const emulator = env[EMULATOR] ?? "";
  if (emulator !== "") return { endpoint: originOf(EMULATOR, emulator), anonymous: true };
  const own = env[PRIVATE] ?? "";
  return { endpoint: own === "" ? undefined : originOf(PRIVATE, own), anonymous: false };
};
