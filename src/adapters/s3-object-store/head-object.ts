import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta } from "../../ports/object-store.ts";
import { etagFromServer } from "./etag-form.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Failure } from "./s3-failure.ts";

/** An answer without an ETag could never be updated safely, so it is an error and not an object. */
export const toObjectMeta = (
  bucket: S3Bucket,
  action: string,
  answer: Pick<HeadObjectCommandOutput, "ETag" | "ContentLength" | "Metadata">,
): ObjectMeta => {
  const etag = etagFromServer(answer.ETag);
  if (etag === undefined) {
    const message = `bucket "${bucket.bucket}" at ${bucket.names.server}: cannot ${action}: the answer names no ETag`;
    throw new KgsyncError("bucket-unavailable", message);
  }
  return { etag, size: answer.ContentLength ?? 0, metadata: answer.Metadata ?? {} };
};

/**
 * Only `NoSuchKey` says that a key is absent. A bare 404 may come from a mistyped bucket or from something that is no S3
 * server, and starting fresh on that would bury the state that is there.
 */
export const isAbsentKey = (thrown: unknown): boolean => {
  const { status, code } = s3Failure(thrown);
  return status === 404 && code === "NoSuchKey";
};

/** A HEAD has no body to name its error, so a 404 is asked again as a GET of one byte. */
const isAbsent = async (bucket: S3Bucket, key: Key, signal: AbortSignal): Promise<boolean> => {
  const input = { Bucket: bucket.bucket, Key: bucket.fullKey(key), Range: "bytes=0-0" };
  try {
    const answer = await bucket.send(
      (client) => client.send(new GetObjectCommand(input), { abortSignal: signal }),
      signal,
    );
    await answer.Body?.transformToByteArray();
    return false;
  } catch (thrown) {
    if (isAbsentKey(thrown)) return true;
    if (s3Failure(thrown).status === 416) return false; // empty: it appeared just now
    throw thrown;
  }
};

/** What is known of an object without its bytes; `undefined` when the key is absent. */
export const headObject = async (bucket: S3Bucket, key: Key, signal: AbortSignal): Promise<ObjectMeta | undefined> => {
  const action = `head "${key}"`;
  const input = { Bucket: bucket.bucket, Key: bucket.fullKey(key) };
  const head = () =>
    bucket.send((client) => client.send(new HeadObjectCommand(input), { abortSignal: signal }), signal);
  try {
    try {
      return toObjectMeta(bucket, action, await head());
    } catch (thrown) {
      if (s3Failure(thrown).status !== 404) throw thrown;
      if (await isAbsent(bucket, key, signal)) return undefined;
      return toObjectMeta(bucket, action, await head());
    }
  } catch (thrown) {
    throw bucket.error(thrown, action);
  }
};
