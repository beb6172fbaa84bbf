import type { Key } from "../../core/key.ts";
import type { AzContainer } from "./az-container.ts";
import { isAbsentKey } from "./head-object.ts";

/** With its snapshots, without which Azure refuses. */
export const deleteObject = async (container: AzContainer, key: Key, signal: AbortSignal): Promise<void> => {
  try {
    const client = await container.open(signal);
    const blob = client.getBlobClient(container.fullKey(key));
    await blob.delete({ abortSignal: signal, deleteSnapshots: "include" });
  } catch (thrown) {
    if (!isAbsentKey(thrown)) throw container.error(thrown, `delete "${key}"`);
  }
};
