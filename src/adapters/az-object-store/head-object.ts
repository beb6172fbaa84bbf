import type { Key } from "../../core/key.ts";
import type { ObjectMeta } from "../../ports/object-store.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { azFailure } from "./az-failure.ts";
import { fromAzureMetadata } from "./metadata-names.ts";

/**
 * Only `BlobNotFound` says that a key is absent. A bare 404 may come from something that is no blob service, and starting
 * fresh on that would bury the state that is there. Azure names the code in a header, so a HEAD has it too.
 */
export const isAbsentKey = (thrown: unknown): boolean => {
  const { status, code } = azFailure(thrown);
  return status === 404 && code === "BlobNotFound";
};

/** What is known of an object without its bytes; `undefined` when the key is absent. */
export const headObject = async (
  container: AzContainer,
  key: Key,
  signal: AbortSignal,
): Promise<ObjectMeta | undefined> => {
  try {
    const client = await container.open(signal);
    const answer = await client.getBlobClient(container.fullKey(key)).getProperties({ abortSignal: signal });
    return {
      etag: etagFromServer(answer.etag),
      size: answer.contentLength ?? 0,
      metadata: fromAzureMetadata(answer.metadata),
    };
  } catch (thrown) {
    if (isAbsentKey(thrown)) return undefined;
    throw container.error(thrown, `head "${key}"`);
  }
};
