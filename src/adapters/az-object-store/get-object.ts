import { Readable } from "node:stream";
import type { Key } from "../../core/key.ts";
import type { StoredObject } from "../../ports/object-store.ts";
import { readAnswer } from "../transfer/read-answer.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { isAbsentKey } from "./head-object.ts";
import { fromAzureMetadata } from "./metadata-names.ts";

/** The whole object; `undefined` when the key is absent. Not resumed when it breaks off: it is asked for again. */
export const getObject = async (
  container: AzContainer,
  key: Key,
  signal: AbortSignal,
): Promise<StoredObject | undefined> => {
  try {
    const client = await container.open(signal);
    const blob = client.getBlobClient(container.fullKey(key));
    const answer = await blob.download(0, undefined, { abortSignal: signal, maxRetryRequests: 0 });
    const stream = answer.readableStreamBody;
    if (!(stream instanceof Readable)) throw new Error("the answer has no body");
    const body = await readAnswer(stream, answer.contentLength, () => new Error("the answer was cut short"));
    return {
      etag: etagFromServer(answer.etag),
      size: body.byteLength,
      metadata: fromAzureMetadata(answer.metadata),
      body,
    };
  } catch (thrown) {
    if (isAbsentKey(thrown)) return undefined;
    throw container.error(thrown, `get "${key}"`);
  }
};
