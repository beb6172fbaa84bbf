import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions } from "../../ports/object-store.ts";
import { readWhole } from "../transfer/read-body.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { blobOptions } from "./blob-options.ts";
import { type PutAttempt, putOutcome } from "./put-outcome.ts";

/** One Put Blob with the whole body in memory. */
export const putSingle = async (
  container: AzContainer,
  key: Key,
  body: Body,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const action = `put "${key}"`;
  const client = await container.open(signal);
  const bytes = await readWhole(body, signal).catch((thrown: unknown) => {
    throw container.error(thrown, action);
  });
  try {
    const blob = client.getBlockBlobClient(container.fullKey(key));
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const answer = await blob.upload(buffer, buffer.byteLength, { ...blobOptions(mode, options), abortSignal: signal });
    return { outcome: "stored", etag: etagFromServer(answer.etag) };
  } catch (thrown) {
    return putOutcome(container, thrown, mode, action);
  }
};
