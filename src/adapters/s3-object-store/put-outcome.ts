import { KgsyncError } from "../../core/errors.ts";
import type { PutMode, PutOutcome } from "../../ports/object-store.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { type S3Failure, s3Failure } from "./s3-failure.ts";
import { isTransient } from "./to-bucket-error.ts";

/** `raced`: another writer was at it in the same moment. Not applied for certain, so it may be sent again. */
export type PutAttempt = PutOutcome | { readonly outcome: "raced"; readonly cause: unknown };

const CONDITIONS_REFUSED = new Set([
  "",
  "BadRequest",
  "InvalidArgument",
  "InvalidRequest",
  "NotImplemented",
  "Unknown",
  "UnknownError",
]);

const isConditionRefused = ({ status, code }: S3Failure): boolean =>
  status === 501 || status === 405 || (status === 400 && CONDITIONS_REFUSED.has(code));

const isGone = ({ status, code }: S3Failure): boolean =>
  status === 404 && code !== "NoSuchBucket" && code !== "NoSuchUpload";

/** No answer that can be relied on: no status, one that a proxy may have given, a 2xx that could not be read to its end. */
const isUnknown = (failure: S3Failure): boolean => isTransient(failure) || (failure.status ?? 0) < 300;

/**
 * What a failed put means, by HTTP status first, because servers disagree on the codes.
 *
 * | answer | create | update | overwrite |
 * |---|---|---|---|
 * | 412 | conflict | conflict | rejects |
 * | 404 (not of the bucket) | rejects | conflict: the key is gone | rejects |
 * | 409 | raced | raced | raced |
 * | 501, 405, 400 without a better reason | rejects store-unsafe | rejects store-unsafe | rejects |
 * | none, 408, 429, 5xx, 2xx cut short | unknown | unknown | unknown |
 * | never connected, any other | rejects | rejects | rejects |
 *
 * @throws KgsyncError when it is sure that nothing was written.
 */
export const putOutcome = (bucket: S3Bucket, thrown: unknown, mode: PutMode, action: string): PutAttempt => {
  if (thrown instanceof KgsyncError) throw thrown;
  const failure = s3Failure(thrown);
  const error = bucket.error(thrown, action);
  const conditional = mode.mode !== "overwrite";
  if (!failure.sent) throw error;
  if (failure.status === 409) return { outcome: "raced", cause: error };
  if (conditional && failure.status === 412) return { outcome: "conflict" };
  if (mode.mode === "update" && isGone(failure)) return { outcome: "conflict" };
  if (conditional && isConditionRefused(failure)) {
    const message = `bucket "${bucket.bucket}" at ${bucket.names.server} refuses conditional writes (${failure.status} ${failure.code})`;
    throw new KgsyncError("store-unsafe", message, { cause: thrown });
  }
  if (isUnknown(failure)) return { outcome: "unknown", cause: error };
  throw error;
};
