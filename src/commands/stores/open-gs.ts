import { googleEndpoint } from "../../config/google-endpoint.ts";
import { nothingToTidy, type OpenPlace } from "./opened-store.ts";

/** Google Cloud Storage. An upload that was not finished leaves by itself, after a week. */
export const openGs: OpenPlace<"gs"> = async ({ bucket, prefix }, { env, clock, random }, config) => {
  const { createGsObjectStore } = await import("../../adapters/gs-object-store/create-gs-object-store.ts");
  const store = createGsObjectStore({
    bucket,
    prefix,
    ...googleEndpoint(env),
    requestTimeoutMs: config.requestTimeout,
    connectTimeoutMs: config.connectTimeout,
    proxyEnv: env,
    clock,
    random,
  });
  return { store, tidy: nothingToTidy };
};
