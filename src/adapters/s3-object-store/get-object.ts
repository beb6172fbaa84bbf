import { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { LargeObject, StoredObject } from "../../ports/object-store.ts";
import { readAnswer } from "../transfer/read-answer.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { checksumOf, hasCrc32 } from "./answer-checksum.ts";
import { isAbsentKey, toObjectMeta } from "./head-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";

const META = "x-amz-meta-";

type Get = {
  readonly bucket: S3Bucket;
  readonly fullKey: string;
  readonly limit: number;
  readonly action: string;
  readonly cutShort: () => KgsyncError;
  readonly signal: AbortSignal;
};

/** In the likeness of an earlier GET; `undefined` when only the SDK can tell. */
const getAgain = async ({
  bucket,
  fullKey,
  limit,
  action,
  cutShort,
  signal,
}: Get): Promise<StoredObject | LargeObject | undefined> => {
  const answer = await bucket.repeatGet.again(fullKey, signal);
  if (answer === undefined) return undefined;
  const { headers, body: stream } = answer;
  const checksum = checksumOf(headers);
  if (checksum === "other") {
    stream.destroy();
    bucket.repeatGet.stop(); // or every object would be asked for twice
    return undefined;
  }
  const length = headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
  const metadata = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(META) ? [[name.slice(META.length), value] as const] : [],
  );
  const meta = toObjectMeta(bucket, action, { ETag: headers["etag"], Metadata: Object.fromEntries(metadata) });
  if (length !== undefined && length > limit) {
    withoutBody(stream);
    return { ...meta, size: length };
  }
  const body = await readAnswer(stream, length, cutShort);
  if (checksum === "crc32" && !hasCrc32(headers, body)) return undefined;
  return { ...meta, size: body.byteLength, body };
};

const getBySdk = async ({
  bucket,
  fullKey,
  limit,
  action,
  cutShort,
  signal,
}: Get): Promise<StoredObject | LargeObject> => {
  const command = new GetObjectCommand({ Bucket: bucket.bucket, Key: fullKey });
  const send = (by: (client: S3Client) => void) =>
    bucket.send((client) => {
      by(client);
      return client.send(command, { abortSignal: signal });
    }, signal);
  const answer = await bucket.repeatGet.bySdk(command, fullKey, send);
  const { Body: stream, ContentLength: length } = answer;
  if (stream instanceof Readable && length !== undefined && length > limit) {
    withoutBody(stream);
    return { ...toObjectMeta(bucket, action, answer), size: length };
  }
  const body =
    stream instanceof Readable
      ? await readAnswer(stream, length, cutShort)
      : ((await stream?.transformToByteArray()) ?? new Uint8Array(0));
  return { ...toObjectMeta(bucket, action, answer), size: body.byteLength, body };
};

/** The whole object if it has at most `limit` bytes, else what a HEAD would tell. */
export const peekObject = async (
  bucket: S3Bucket,
  key: Key,
  limit: number,
  signal: AbortSignal,
): Promise<StoredObject | LargeObject | undefined> => {
  const action = `get "${key}"`;
  const cutShort = (): KgsyncError =>
    new KgsyncError(
      "bucket-unavailable",
      `bucket "${bucket.bucket}" at ${bucket.names.server}: cannot ${action}: the answer was cut short`,
    );
  const get = { bucket, fullKey: bucket.fullKey(key), limit, action, cutShort, signal };
  try {
    return (await getAgain(get)) ?? (await getBySdk(get));
  } catch (thrown) {
    if (isAbsentKey(thrown)) return undefined;
    throw bucket.error(thrown, action);
  }
};
