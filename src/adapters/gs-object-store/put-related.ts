import type { Key } from "../../core/key.ts";
import type { PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { crc32c, crc32cText } from "./crc32c.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { conditionOf, putOutcome } from "./put-outcome.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/**
 * One request with the metadata, the condition and the whole body (RFC 2387 `multipart/related`). The server compares the
 * sum with the bytes that came, and stores nothing when they differ.
 */
export const putRelated = async (
  bucket: GsBucket,
  key: Key,
  body: Uint8Array,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  const boundary = `kgsync-${bucket.random.id()}`;
  const resource = { name: bucket.fullKey(key), contentType, metadata, crc32c: crc32cText(crc32c(body)) };
  const before =
    `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(resource)}\r\n` +
    `--${boundary}\r\ncontent-type: ${contentType}\r\n\r\n`;
  const reply = await bucket.send(
    {
      method: "POST",
      path: `${bucket.uploads}?uploadType=multipart&fields=generation${conditionOf(mode)}`,
      headers: { "content-type": `multipart/related; boundary=${boundary}` },
      body: [bytes(before), body, bytes(`\r\n--${boundary}--\r\n`)],
    },
    signal,
  );
  return await putOutcome(bucket, reply, mode, `put "${key}"`, signal);
};
