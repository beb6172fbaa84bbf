/** What went wrong with a request, as far as anybody can tell. */
export type S3Failure = {
  /** HTTP status of the answer; `undefined` when there was none that could be read. */
  readonly status: number | undefined;
  /** S3's error code, or the network's (`ECONNREFUSED`); empty when nothing said one. */
  readonly code: string;
  /** The region that the answer names as the bucket's. */
  readonly region: string | undefined;
  /** False only when it is sure that no byte of the request left, so that it cannot have been applied. */
  readonly sent: boolean;
  /** The SDK found our clock off and will sign the next request with the server's time. */
  readonly clockCorrected: boolean;
};

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? { ...value } : {});
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" && value > 0 ? value : undefined);

/** Codes that Node gives only while it looks up, connects or checks a certificate. `EPROTO` and resets may come later. */
const BEFORE_SENDING =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|ERR_TLS_CERT|ERR_PROXY|ERR_INVALID|ERR_HTTP_INVALID|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** `errors`: RFC 8305 tries several addresses, and the outer error has the code of the first. */
const neverConnected = (error: unknown): boolean => {
  const { code, syscall, errors, message, name } = namedFields(error);
  if (BEFORE_SENDING.test(text(code) ?? "") || name === "InvalidBucketName") return true;
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverConnected);
  return name === "TimeoutError" && (text(message) ?? "").includes("did not establish a connection");
};

/** An error's own fields, with those that a copy of an object leaves out. */
const namedFields = (error: unknown): Fields => {
  if (!(error instanceof Error)) return fields(error);
  const errors = error instanceof AggregateError ? { errors: error.errors } : {};
  return { ...fields(error), ...errors, name: error.name, message: error.message };
};

/** Reads a thrown value of the SDK. Trusts no class: errors of several packages and versions look alike only in fields. */
export const s3Failure = (error: unknown): S3Failure => {
  const all = namedFields(error);
  const metadata = fields(all["$metadata"]);
  const response = fields(all["$response"]);
  const status = number(metadata["httpStatusCode"]) ?? number(response["statusCode"]);
  const network = text(all["code"]);
  const code = status === undefined ? (network ?? text(all["name"])) : (text(all["Code"]) ?? text(all["name"]));
  const headers = fields(response["headers"]);
  return {
    status,
    code: code ?? "",
    region: text(headers["x-amz-bucket-region"]) ?? text(all["Region"]) ?? text(all["BucketRegion"]),
    sent: status !== undefined || !neverConnected(error),
    clockCorrected: metadata["clockSkewCorrected"] === true,
  };
};

/** The upload was completed or aborted by somebody else. */
export const isAbsentUpload = (error: unknown): boolean => {
  const { status, code } = s3Failure(error);
  return status === 404 && code === "NoSuchUpload";
};
