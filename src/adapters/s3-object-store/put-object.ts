import { backoffMs } from "../../core/backoff.ts";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { putMultipart } from "./put-multipart.ts";
import type { PutAttempt } from "./put-outcome.ts";
import { putSingle } from "./put-single.ts";
import { putStream, streamable } from "./put-stream.ts";
import type { S3Bucket } from "./s3-bucket.ts";

const IN_PARTS_ABOVE = 16 * 1024 * 1024;
/** node:crypto hashes no more at once ("data is too long"), and the request is signed with the digest of its body. */
const IN_ONE_REQUEST_AT_MOST = 2 ** 31 - 1;
/** Shorter than for an outage: the other request is done in milliseconds. */
const PAUSES = { baseMs: 100, capMs: 5_000 };

/** Whether the body goes in parts, or in one request. */
export const goesInParts = (body: Body): boolean =>
  body instanceof Uint8Array ? body.byteLength > IN_ONE_REQUEST_AT_MOST : body.size > IN_PARTS_ABOVE;

const attemptPut = async (
  bucket: S3Bucket,
  key: Key,
  body: Body,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  if (!goesInParts(body)) return await putSingle(bucket, key, body, mode, options, signal);
  const streamed = options.strict === true ? await streamable(bucket, body, signal) : undefined;
  return streamed === undefined
    ? await putMultipart(bucket, key, body, mode, options, signal)
    : await putStream(bucket, key, streamed, mode, options, signal);
};

/**
 * Puts once, or again after a 409 (`ConditionalRequestConflict`: another request was at it, this one was not applied) with
 * full-jitter pauses, until `signal` aborts. Bytes in memory go in one request, up to 2 GiB.
 */
export const putObject = async (
  bucket: S3Bucket,
  key: Key,
  body: Body,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  for (let round = 0; ; round += 1) {
    const attempt = await attemptPut(bucket, key, body, mode, options, signal);
    if (attempt.outcome !== "raced") return attempt;
    await bucket.clock.sleep(backoffMs(round, bucket.random.fraction(), PAUSES), signal);
    if (signal.aborted) {
      const message = `bucket "${bucket.bucket}" at ${bucket.names.server}: put "${key}" met other writers until time ran out`;
      throw new KgsyncError("bucket-unavailable", message, { cause: attempt.cause });
    }
  }
};
