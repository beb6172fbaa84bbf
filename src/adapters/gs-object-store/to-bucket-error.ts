import { KgsyncError } from "../../core/errors.ts";
import { fieldsOf, type GsReply, refusalOf } from "./gs-reply.ts";

/** What the messages call things. */
export type BucketNames = {
  readonly bucket: string;
  /** Scheme, host and port of the server, or `Google Cloud`. */
  readonly server: string;
  /** A proxy is configured, and this Node cannot use it. */
  readonly proxyIgnored: boolean;
};

type Verdict = { readonly code: "bucket-denied" | "bucket-missing" | "bucket-unavailable"; readonly hint?: string };

const DENIED_HINT =
  "Check the account, and that it may list, get, create and delete under the prefix: the role Storage Object User. " +
  "Without permission to list, a bucket answers 403 for an object that does not exist.";
const STALE_HINT = "The credentials were refused: they have expired, or were revoked. Renew them.";
const CERTIFICATE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/;
const CERTIFICATE_HINT =
  "The server's certificate is not trusted: name its authority's PEM file in NODE_EXTRA_CA_CERTS.";
/** Google APIs answer a limit that was reached with 403 as well as with 429. */
const LIMITED = /^(userRateLimitExceeded|rateLimitExceeded|SlowDown)$/;
/** The server did not get the bytes as they were sent. */
const SPOILT = /CRC32C|MD5|BadDigest/;

/** Whether the same request may succeed when it is sent again (docs.cloud.google.com/storage/docs/retry-strategy). */
export const isTransient = (reply: GsReply): boolean => {
  const { status } = reply;
  if (status === undefined || status === 408 || status === 429 || (status >= 500 && status !== 501)) return true;
  const { reason, message } = refusalOf(reply);
  return status === 403 ? LIMITED.test(reason) : status === 400 && (SPOILT.test(message) || SPOILT.test(reason));
};

const networkCode = ({ cause }: GsReply): string => {
  const { code } = fieldsOf(cause);
  return typeof code === "string" && /^[A-Z][\w.]{0,60}$/.test(code) ? code : "";
};

const PROXY_HINT = "A proxy is configured, but this Node cannot use it: run Node 22.21, 24.5 or later.";

const verdict = (reply: GsReply, proxyIgnored: boolean): Verdict => {
  const { status } = reply;
  if (CERTIFICATE.test(networkCode(reply))) return { code: "bucket-unavailable", hint: CERTIFICATE_HINT };
  if (isTransient(reply)) {
    return { code: "bucket-unavailable", ...(proxyIgnored && !reply.sent ? { hint: PROXY_HINT } : {}) };
  }
  if (status === 404) return { code: "bucket-missing", hint: "Check the bucket's name in KGSYNC_BUCKET." };
  if (status === 401) return { code: "bucket-denied", hint: STALE_HINT };
  return status === 403 ? { code: "bucket-denied", hint: DENIED_HINT } : { code: "bucket-denied" };
};

/** In the server's or the network's own word, if it is one. */
const because = (reply: GsReply): string => {
  if (reply.status === undefined) return networkCode(reply) === "" ? "no answer" : `no answer (${networkCode(reply)})`;
  const { reason } = refusalOf(reply);
  return reason === "" ? `answered ${reply.status}` : `answered ${reply.status} ${reason}`;
};

/** `action` says what was tried: `get "a/b.json"`. */
export const toBucketError = (reply: GsReply, action: string, names: BucketNames): KgsyncError => {
  const { bucket, server, proxyIgnored } = names;
  const { code, hint } = verdict(reply, proxyIgnored);
  const message = `bucket "${bucket}" at ${server}: cannot ${action}: ${because(reply)}`;
  return new KgsyncError(code, message, { cause: reply.cause, ...(hint === undefined ? {} : { hint }) });
};
