import { KgsyncError } from "../../core/errors.ts";
import { credentialsHint } from "./credentials-hint.ts";
import { type S3Failure, s3Failure } from "./s3-failure.ts";

/** What the messages call things. `proxyIgnored`: a proxy is configured and this Node cannot use it. */
export type BucketNames = {
  readonly bucket: string;
  /** Scheme, host and port of the server, or `AWS`. */
  readonly server: string;
  readonly proxyIgnored: boolean;
};

type Verdict = { readonly code: "bucket-denied" | "bucket-missing" | "bucket-unavailable"; readonly hint?: string };

const WRONG_REGION = new Set([
  "PermanentRedirect",
  "TemporaryRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "IncorrectEndpoint",
]);
/** Pass by themselves: the server did not get the body whole, or somebody aborted the upload in parts. */
const TRANSIENT = new Set([
  "RequestTimeout",
  "IncompleteBody",
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "InvalidDigest",
  "NoSuchUpload",
]);
const SKEWED = new Set(["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"]);
const EXPIRED = new Set(["ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired"]);

const DENIED_HINT =
  "Check the credentials, and that they may list, get and put under the prefix. " +
  "Without permission to list, a bucket answers 403 for a key that does not exist: grant s3:ListBucket.";

const regionHint = (region: string | undefined): string =>
  region === undefined
    ? "The bucket is in another region: set AWS_REGION (or the endpoint) to that of the bucket."
    : `The bucket is in region ${region}: set AWS_REGION=${region}, and the endpoint if there is one.`;

const isWrongRegion = ({ status, code }: S3Failure): boolean =>
  status === 301 || status === 307 || WRONG_REGION.has(code);

/** Whether the same request may succeed when it is sent again. */
export const isTransient = ({ status, code }: S3Failure): boolean =>
  status === undefined || status === 408 || status === 429 || (status >= 500 && status !== 501) || TRANSIENT.has(code);

const unavailable = ({ sent, code }: S3Failure, proxyIgnored: boolean): Verdict => {
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/.test(code)) {
    const hint = "The server's certificate is not trusted: name its authority's PEM file in AWS_CA_BUNDLE.";
    return { code: "bucket-unavailable", hint };
  }
  const hint = "A proxy is configured, but this Node cannot use it: run Node 22.21, 24.5 or later.";
  return proxyIgnored && !sent ? { code: "bucket-unavailable", hint } : { code: "bucket-unavailable" };
};

const verdict = (failure: S3Failure, { proxyIgnored }: BucketNames): Verdict => {
  const { status, code, region } = failure;
  if (SKEWED.has(code)) {
    return {
      code: "bucket-denied",
      hint: "This machine's clock differs from the server's by minutes: correct the clock.",
    };
  }
  if (EXPIRED.has(code))
    return { code: "bucket-denied", hint: "The credentials have expired or were revoked: renew them." };
  if (isWrongRegion(failure)) return { code: "bucket-missing", hint: regionHint(region) };
  if (code === "InvalidBucketName") return { code: "bucket-missing" };
  if (isTransient(failure)) return unavailable(failure, proxyIgnored);
  if (status === 404 && code !== "NoSuchBucket") {
    return { code: "bucket-missing", hint: "Check that the endpoint is an S3 server, and the bucket's name." };
  }
  if (status === 404) return { code: "bucket-missing" };
  return status === 401 || status === 403 ? { code: "bucket-denied", hint: DENIED_HINT } : { code: "bucket-denied" };
};

const SAFE_CODE = /^[A-Za-z][\w.]{0,60}$/;

/** In a server's or the network's own word, if it is one: free text may repeat an access key. */
const because = ({ status, code }: S3Failure): string => {
  const word = SAFE_CODE.test(code) && code !== "Error" && code !== "Unknown" ? code : "";
  if (status === undefined) return word === "" ? "no answer" : `no answer (${word})`;
  return word === "" ? `answered ${status}` : `answered ${status} ${word}`;
};

/** `action` says what was tried: `get "a/b.json"`. Never quotes the SDK; the original stays in `cause`. */
export const toBucketError = (error: unknown, action: string, names: BucketNames): KgsyncError => {
  if (error instanceof KgsyncError) return error;
  const failure = s3Failure(error);
  const { code, hint } = verdict(failure, names);
  const message = `bucket "${names.bucket}" at ${names.server}: cannot ${action}: ${because(failure)}`;
  return new KgsyncError(code, message, hint === undefined ? { cause: error } : { cause: error, hint });
};

const NETWORK = /^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENET|EPIPE|TimeoutError|AbortError)/;

/** `open` failed: no credentials, no region, a profile that cannot be read. `env`: where credentials are to come from. */
export const toOpenError = (
  error: unknown,
  names: BucketNames,
  env: Readonly<Record<string, string | undefined>>,
): KgsyncError => {
  if (error instanceof KgsyncError) return error;
  const failure = s3Failure(error);
  const where = `bucket "${names.bucket}" at ${names.server}`;
  if (error instanceof Error && error.message.includes("Region is missing")) {
    const hint = "Set AWS_REGION to the region of the bucket.";
    return new KgsyncError("bucket-missing", `${where}: no region is configured`, { cause: error, hint });
  }
  if (failure.status === undefined ? NETWORK.test(failure.code) : isTransient(failure)) {
    return new KgsyncError("bucket-unavailable", `${where}: no credentials yet: ${because(failure)}`, { cause: error });
  }
  const why = failure.status === undefined ? "" : `: whoever gives them ${because(failure)}`;
  return new KgsyncError("bucket-denied", `${where}: no usable credentials were found${why}`, {
    cause: error,
    hint: credentialsHint(env),
  });
};
