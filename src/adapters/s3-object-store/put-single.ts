import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import type { Body, Metadata, PutMode, PutOptions } from "../../ports/object-store.ts";
import { readWhole } from "../transfer/read-body.ts";
import { type Conditions, putConditionally } from "./put-conditionally.ts";
import type { PutAttempt } from "./put-outcome.ts";
import type { S3Bucket } from "./s3-bucket.ts";

const headersOf = (contentType: string, metadata: Metadata): Readonly<Record<string, string>> => ({
  "content-type": contentType,
  ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
});

const conditionHeaders = ({ IfNoneMatch, IfMatch }: Conditions): Readonly<Record<string, string>> => ({
  ...(IfNoneMatch === undefined ? {} : { "if-none-match": IfNoneMatch }),
  ...(IfMatch === undefined ? {} : { "if-match": IfMatch }),
});

/**
 * One PutObject with the whole body in memory: the only put whose condition every server that has conditions honours, and
 * with a signed digest of the payload instead of the chunked framing that some servers store as content.
 */
export const putSingle = async (
  bucket: S3Bucket,
  key: Key,
  body: Body,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const bytes = await readWhole(body, signal).catch((thrown: unknown) => {
    throw bucket.error(thrown, `put "${key}"`);
  });
  const input = {
    Bucket: bucket.bucket,
    Key: bucket.fullKey(key),
    Body: bytes,
    ContentLength: bytes.byteLength,
    ContentType: contentType,
    Metadata: { ...metadata },
    ...bucket.sse,
  };
  const common = headersOf(contentType, metadata);
  const send = (conditions: Conditions) => {
    const put = {
      fullKey: input.Key,
      body: bytes,
      headers: { ...common, ...conditionHeaders(conditions) },
      command: () => new PutObjectCommand({ ...input, ...conditions }),
    };
    return bucket.send((client) => bucket.repeatPut(client, put, signal), signal);
  };
  return await putConditionally(bucket, { key, mode, size: bytes.byteLength, metadata, send }, signal);
};
