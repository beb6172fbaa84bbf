import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import { isAbsentKey } from "./head-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** One by one: the bulk request needs a checksum header that older servers do not know. */
export const deleteObject = async (bucket: S3Bucket, key: Key, signal: AbortSignal): Promise<void> => {
  const input = { Bucket: bucket.bucket, Key: bucket.fullKey(key) };
  try {
    await bucket.send((client) => client.send(new DeleteObjectCommand(input), { abortSignal: signal }), signal);
  } catch (thrown) {
    if (!isAbsentKey(thrown)) throw bucket.error(thrown, `delete "${key}"`);
  }
};
