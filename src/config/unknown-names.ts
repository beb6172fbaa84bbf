import { nearestName } from "../core/nearest-name.ts";
import type { Environment } from "./read-setting.ts";
import { SETTINGS } from "./schema.ts";

const PREFIX = "KGSYNC_";

/** Names that people expect here, too far from the right one to be found by spelling. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  S3_ENDPOINT: "AWS_ENDPOINT_URL_S3",
  S3_ENDPOINT_URL: "AWS_ENDPOINT_URL_S3",
  ENDPOINT: "AWS_ENDPOINT_URL_S3",
  ENDPOINT_URL: "AWS_ENDPOINT_URL_S3",
  S3_REGION: "AWS_REGION",
  REGION: "AWS_REGION",
  S3_PROFILE: "AWS_PROFILE",
  S3_CA_BUNDLE: "AWS_CA_BUNDLE",
  S3_ACCESS_KEY: "KGSYNC_S3_ACCESS_KEY_ID",
  S3_SECRET_KEY: "KGSYNC_S3_SECRET_ACCESS_KEY",
  AZ_ACCOUNT: "AZURE_STORAGE_ACCOUNT",
  AZURE_STORAGE_ACCOUNT: "AZURE_STORAGE_ACCOUNT",
  AZ_KEY: "AZURE_STORAGE_KEY",
  AZ_SAS_TOKEN: "AZURE_STORAGE_SAS_TOKEN",
  AZ_CONNECTION_STRING: "AZURE_STORAGE_CONNECTION_STRING",
  AZ_ENDPOINT: "AZURE_STORAGE_SERVICE_ENDPOINT",
  AZ_CONTAINER: "KGSYNC_BUCKET=az://container/prefix",
  GS_BUCKET: "KGSYNC_BUCKET=gs://bucket/prefix",
  GCS_BUCKET: "KGSYNC_BUCKET=gs://bucket/prefix",
  GS_CREDENTIALS: "GOOGLE_APPLICATION_CREDENTIALS",
  GCS_CREDENTIALS: "GOOGLE_APPLICATION_CREDENTIALS",
  GS_ENDPOINT: "STORAGE_EMULATOR_HOST, or CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE",
  S3_BUCKET: "KGSYNC_BUCKET=s3://bucket/prefix",
  GIT_BRANCH: "KGSYNC_BUCKET=git+https://host/path.git#branch",
  GIT_USER: "KGSYNC_GIT_USERNAME",
  GIT_PASSWORD: "KGSYNC_GIT_TOKEN",
  PREFIX: "KGSYNC_BUCKET=s3://bucket/prefix",
};

const FILES = SETTINGS.filter(({ secret }) => secret === true).map(({ env }) => `${env}_FILE`);
const KNOWN: ReadonlySet<string> = new Set([...SETTINGS.map(({ env }) => env), ...FILES]);

const SERVICE_LINK =
  /^(KGSYNC(?:_[A-Z0-9_]+?)??)(?:_SERVICE_HOST|_SERVICE_PORT(?:_[A-Z0-9_]+)?|_PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/**
 * Kubernetes puts the address of each Service into the environment of every container (Kubernetes documentation,
 * "Accessing the Service", environment variables): one named `kgsync` makes `KGSYNC_PORT`, and a pod must not fail because of
 * it. One named `kgsync-x` makes `KGSYNC_X_PORT`, which could be a misspelling too: it passes only beside its `_SERVICE_HOST`.
 */
const isServiceLink = (name: string, env: Environment): boolean => {
  const service = SERVICE_LINK.exec(name)?.[1];
  return service === "KGSYNC" || (service !== undefined && env[`${service}_SERVICE_HOST`] !== undefined);
};

const explain = (name: string): string => {
  const rest = name.slice(PREFIX.length).toUpperCase();
  const elsewhere = ELSEWHERE[rest];
  if (elsewhere !== undefined) return `no such setting; use ${elsewhere}`;
  if (rest.endsWith("_FILE") && KNOWN.has(`${PREFIX}${rest.slice(0, -"_FILE".length)}`)) {
    return `only secrets are read from a file (${FILES.join(", ")})`;
  }
  const names = [...KNOWN].map((known) => known.slice(PREFIX.length));
  const nearest = nearestName(rest, names);
  return nearest === undefined
    ? "no such setting (`kgsync help settings` lists them)"
    : `no such setting; did you mean ${PREFIX}${nearest}?`;
};

/**
 * A line for each variable with our prefix that means nothing: a misspelt name would otherwise just be ignored (git-sync's
 * manual warns of that). Values are not shown: a misspelt secret is still a secret.
 */
export const unknownNames = (env: Environment): readonly string[] =>
  Object.keys(env)
    .filter((name) => name.toUpperCase().startsWith(PREFIX) && env[name] !== undefined)
    .filter((name) => !KNOWN.has(name) && !isServiceLink(name, env))
    .sort()
    .map((name) => `${name}: ${explain(name)}`);
