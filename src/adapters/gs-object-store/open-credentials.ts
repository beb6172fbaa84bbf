import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type AuthClient, Compute, GoogleAuth, JWT } from "google-auth-library";
import { fieldsOf } from "./gs-reply.ts";

/** Headers that say who asks. Ask for them before each request: they are renewed by themselves before they expire. */
export type Credentials = { readonly headers: () => Promise<Readonly<Record<string, string>>> };

const SCOPES = ["https://www.googleapis.com/auth/devstorage.read_write"];
const TOKEN_URI = "https://oauth2.googleapis.com/token";

/** Where Application Default Credentials lie, in their order (docs.cloud.google.com/docs/authentication/application-default-credentials). */
const credentialsFile = (): string | undefined => {
  const { env } = process;
  const named = env["GOOGLE_APPLICATION_CREDENTIALS"];
  if (named !== undefined && named !== "") return named;
  const home = env["HOME"];
  const folder = env["CLOUDSDK_CONFIG"] || (home === undefined ? undefined : join(home, ".config/gcloud"));
  const file = folder === undefined ? undefined : join(folder, "application_default_credentials.json");
  return file !== undefined && existsSync(file) ? file : undefined;
};

/** The library has Google's own token server built in, and passes over the one that a service account's file names. */
const useTokenUri = async (client: object, file: string): Promise<void> => {
  const uri = fieldsOf(JSON.parse(await readFile(file, "utf8")))["token_uri"];
  if (!(client instanceof JWT) || typeof uri !== "string" || uri === TOKEN_URI) return;
  client.additionalClaims = { ...client.additionalClaims, aud: uri };
  client.transporter.interceptors.request.add({ resolved: async (config) => ({ ...config, url: new URL(uri) }) });
};

/**
 * Application Default Credentials by Google's library: a service account's key, workload identity federation, `gcloud`'s
 * login, an impersonated account; without a file, the metadata server of GKE, Cloud Run and Compute Engine. Rejects with what
 * the library or the file system throws. Sends nothing yet.
 *
 * The project is named, though no request needs it, since the library would else look for it, and run `gcloud` for that: no
 * child of ours may begin before the app. And where there is no file nothing is probed: the first token will tell.
 */
export const openCredentials = async (timeoutMs: number): Promise<Credentials> => {
  const file = credentialsFile();
  const clientOptions = { transporterOptions: { timeout: timeoutMs } };
  const client: AuthClient =
    file === undefined
      ? new Compute({ ...clientOptions, scopes: SCOPES })
      : await new GoogleAuth({ scopes: SCOPES, projectId: "none", clientOptions }).getClient();
  if (file !== undefined) await useTokenUri(client, file);
  return { headers: async () => Object.fromEntries(await client.getRequestHeaders()) };
};
