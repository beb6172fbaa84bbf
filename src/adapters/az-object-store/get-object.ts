import { Readable } from "node:stream";
import type { Key } from "../../core/key.ts";
import type { LargeObject, StoredObject } from "../../ports/object-store.ts";
import { readAnswer } from "../transfer/read-answer.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { isAbsentKey } from "./head-object.ts";
import { fromAzureMetadata } from "./metadata-names.ts";

/**
 * The whole object if it has at most `limit` bytes, else what a HEAD would tell; `undefined` when the key is absent. Not resumed
 * when it breaks off: it is asked for again.
 */
export const peekObject = async (
  container: AzContainer,
  key: Key,
  limit: number,
  signal: AbortSignal,
): Promise<StoredObject | LargeObject | undefined> => {
  try {
    const client = await container.open(signal);
    const blob = client.getBlobClient(container.fullKey(key));
    const answer = await blob.download(0, undefined, { abortSignal: signal, maxRetryRequests: 0 });
    const { readableStreamBody: stream, contentLength: length } = answer;
    if (!(stream instanceof Readable)) throw new Error("the answer has no body");
    const meta = { etag: etagFromServer(answer.etag), metadata: fromAzureMetadata(answer.metadata) };
    if (length !== undefined && length > limit) {
      withoutBody(stream);
      return { ...meta, size: length };
    }
    const body = await readAnswer(stream, length, () => new Error("the answer was cut short"));
    return { ...meta, size: body.byteLength, body };
  } catch (thrown) {
    if (isAbsentKey(thrown)) return undefined;
    throw container.error(thrown, `get "${key}"`);
  }
};
