import { KgsyncError } from "../../core/errors.ts";
import type { BucketNames } from "./to-bucket-error.ts";

const HINT =
  "Set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account or of workload identity federation, or give the " +
  "container a service account (GKE Workload Identity, Cloud Run, Compute Engine).";

/** Also of a `Response`, whose fields are not its own. */
const read = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

/** An answer of a token server that is a refusal, and not an outage. */
const refused = (thrown: unknown): boolean => {
  const status = read(read(thrown, "response"), "status");
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429;
};

const NETWORK = /^(ECONN|EAI_AGAIN|ETIMEDOUT|EHOST|ENET|EPIPE|ERR_SOCKET|ERR_STREAM_PREMATURE)/;
const codeOf = (thrown: unknown): string => {
  const [code, cause] = [read(thrown, "code"), read(thrown, "cause")];
  if (typeof code === "string" && code !== "") return code;
  return cause === undefined ? "" : codeOf(cause);
};
/** With an answer of the server's side, or none. */
const isOutage = (thrown: unknown): boolean => {
  const name = thrown instanceof Error ? thrown.name : "";
  if (read(thrown, "response") !== undefined) return !refused(thrown);
  return NETWORK.test(codeOf(thrown)) || name === "TimeoutError" || name === "AbortError";
};

/** No credentials could be had: there are none, they are refused, or their server does not answer. Quotes nothing of them. */
export const toCredentialsError = (thrown: unknown, { bucket, server }: BucketNames): KgsyncError => {
  const where = `bucket "${bucket}" at ${server}`;
  if (isOutage(thrown)) {
    // Of a pod that has just begun the metadata server may not answer yet; of a host elsewhere it never will.
    const message = `${where}: no credentials yet: the server that gives them does not answer`;
    return new KgsyncError("bucket-unavailable", message, { cause: thrown, hint: HINT });
  }
  const what = refused(thrown) ? "the credentials were refused" : "no usable credentials were found";
  return new KgsyncError("bucket-denied", `${where}: ${what}`, { cause: thrown, hint: HINT });
};
