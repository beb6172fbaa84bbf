import { Readable } from "node:stream";
import { CompleteMultipartUploadCommand } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import type { PutMode, PutOptions } from "../../ports/object-store.ts";
import { type PositionedBody, readPieces } from "../transfer/read-body.ts";
import { headObject } from "./head-object.ts";
import { type Complete, createMultipartClient } from "./multipart-client.ts";
import { putConditionally } from "./put-conditionally.ts";
import type { PutAttempt } from "./put-outcome.ts";
import type { S3Bucket } from "./s3-bucket.ts";

const MIB = 1024 * 1024;
const PART_SIZE = 8 * MIB;
const MAX_PARTS = 10_000; // Amazon S3 User Guide, "Amazon S3 multipart upload limits"
const PARTS_AT_ONCE = 4;

const partSizeFor = (size: number): number => Math.max(PART_SIZE, Math.ceil(size / MAX_PARTS / MIB) * MIB);

/** Whether the condition is false already. */
const isStale = async (bucket: S3Bucket, key: Key, mode: PutMode, signal: AbortSignal): Promise<boolean> => {
  if (mode.mode === "overwrite") return false;
  const found = await headObject(bucket, key, signal);
  return mode.mode === "create" ? found !== undefined : found?.etag !== mode.etag;
};

/**
 * Uploads in parts, with the condition on the last request. Some servers ignore it there (Ceph 16), so the key is looked
 * at before the first part and again just before the last request: the window is one round trip, not the whole upload.
 * What must never be overwritten is put in one request, if it is in memory.
 *
 * However it ends, no part is left behind: those in flight are waited for and the upload is aborted, unless it is stored.
 */
export const putMultipart = async (
  bucket: S3Bucket,
  key: Key,
  body: PositionedBody,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  if (await isStale(bucket, key, mode, signal)) return { outcome: "conflict" };
  const [{ Upload }, client] = await Promise.all([import("@aws-sdk/lib-storage"), bucket.open(signal)]);
  let attempt: PutAttempt | undefined;

  const complete: Complete = async (command) => {
    const send = (conditions: object) =>
      bucket.send(
        (c) => c.send(new CompleteMultipartUploadCommand({ ...command.input, ...conditions }), { abortSignal: signal }),
        signal,
      );
    attempt = (await isStale(bucket, key, mode, signal))
      ? { outcome: "conflict" }
      : await putConditionally(bucket, { key, mode, size: body.size, metadata, send }, signal);
    if (attempt.outcome !== "stored") throw new Error(`not stored: ${attempt.outcome}`);
    return { $metadata: {}, ETag: attempt.etag };
  };

  const pieces = Readable.from(readPieces(body, MIB, signal), { objectMode: true, highWaterMark: 1 });
  const upload = new Upload({
    client: createMultipartClient(bucket, client, complete, signal),
    params: {
      Bucket: bucket.bucket,
      Key: bucket.fullKey(key),
      Body: pieces,
      ContentLength: body.size,
      ContentType: contentType,
      Metadata: { ...metadata },
      ...bucket.sse,
    },
    partSize: partSizeFor(body.size),
    queueSize: PARTS_AT_ONCE,
  });
  try {
    await upload.done();
  } catch (thrown) {
    if (attempt === undefined) throw bucket.error(thrown, `put "${key}"`);
  } finally {
    pieces.destroy();
  }
  return attempt ?? { outcome: "unknown", cause: new Error("the upload ended without a last request") };
};
