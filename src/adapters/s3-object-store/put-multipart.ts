import { CompleteMultipartUploadCommand } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions } from "../../ports/object-store.ts";
import { headObject } from "./head-object.ts";
import { type Complete, createMultipartClient } from "./multipart-client.ts";
import { putConditionally } from "./put-conditionally.ts";
import type { PutAttempt } from "./put-outcome.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { type PartsUpload, uploadParts } from "./upload-parts.ts";

const MIB = 1024 * 1024;
const PART_SIZE = 8 * MIB;
const MAX_PARTS = 10_000; // Amazon S3 User Guide, "Amazon S3 multipart upload limits"

const partSizeFor = (size: number): number => Math.max(PART_SIZE, Math.ceil(size / MAX_PARTS / MIB) * MIB);

/** Whether the condition is false already. */
const isStale = async (bucket: S3Bucket, key: Key, mode: PutMode, signal: AbortSignal): Promise<boolean> => {
  if (mode.mode === "overwrite") return false;
  const found = await headObject(bucket, key, signal);
  return mode.mode === "create" ? found !== undefined : found?.etag !== mode.etag;
};

/** lib-storage cuts bytes that are in memory without copying them. */
const uploadBytes = async (
  { client, object, partSize }: Omit<PartsUpload, "body">,
  bytes: Uint8Array,
): Promise<void> => {
  const { Upload } = await import("@aws-sdk/lib-storage");
  await new Upload({ client, params: { ...object, Body: bytes, ContentLength: bytes.byteLength }, partSize }).done();
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
  body: Body,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  if (await isStale(bucket, key, mode, signal)) return { outcome: "conflict" };
  const client = await bucket.open(signal);
  const size = body instanceof Uint8Array ? body.byteLength : body.size;
  let attempt: PutAttempt | undefined;

  const complete: Complete = async (command) => {
    const send = (conditions: object) =>
      bucket.send(
        (c) => c.send(new CompleteMultipartUploadCommand({ ...command.input, ...conditions }), { abortSignal: signal }),
        signal,
      );
    attempt = (await isStale(bucket, key, mode, signal))
      ? { outcome: "conflict" }
      : await putConditionally(bucket, { key, mode, size, metadata, send }, signal);
    if (attempt.outcome !== "stored") throw new Error(`not stored: ${attempt.outcome}`);
    return { $metadata: {}, ETag: attempt.etag };
  };

  const upload = {
    client: createMultipartClient(bucket, client, complete, signal),
    object: {
      Bucket: bucket.bucket,
      Key: bucket.fullKey(key),
      ContentType: contentType,
      Metadata: { ...metadata },
      ...bucket.sse,
    },
    partSize: partSizeFor(size),
    signal,
  };
  try {
    if (body instanceof Uint8Array) await uploadBytes(upload, body);
    else await uploadParts({ ...upload, body });
  } catch (thrown) {
    if (attempt === undefined) throw bucket.error(thrown, `put "${key}"`);
  }
  return attempt ?? { outcome: "unknown", cause: new Error("the upload ended without a last request") };
};
