import { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { StoredObject } from "../../ports/object-store.ts";
import { isAbsentKey, toObjectMeta } from "./head-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Reads into one buffer of the announced size. Fewer or more bytes than announced are no object. */
const readBody = async (answer: GetObjectCommandOutput, incomplete: () => KgsyncError): Promise<Uint8Array> => {
  const { Body: body, ContentLength: length } = answer;
  if (body === undefined) return new Uint8Array(0);
  if (length === undefined || !(body instanceof Readable)) return await body.transformToByteArray();
  const whole = new Uint8Array(length);
  let offset = 0;
  for await (const chunk of body) {
    if (offset + chunk.byteLength > length) throw incomplete();
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  if (offset !== length) throw incomplete();
  return whole;
};

/** The whole object; `undefined` when the key is absent. */
export const getObject = async (bucket: S3Bucket, key: Key, signal: AbortSignal): Promise<StoredObject | undefined> => {
  const action = `get "${key}"`;
  const input = { Bucket: bucket.bucket, Key: bucket.fullKey(key) };
  const incomplete = (): KgsyncError =>
    new KgsyncError(
      "bucket-unavailable",
      `bucket "${bucket.bucket}" at ${bucket.names.server}: cannot ${action}: the answer was cut short`,
    );
  try {
    const answer = await bucket.send(
      (client) => client.send(new GetObjectCommand(input), { abortSignal: signal }),
      signal,
    );
    const body = await readBody(answer, incomplete);
    return { ...toObjectMeta(bucket, action, answer), size: body.byteLength, body };
  } catch (thrown) {
    if (isAbsentKey(thrown)) return undefined;
    throw bucket.error(thrown, action);
  }
};
