import { KgsyncError } from "../../core/errors.ts";
import type { PutMode, PutOutcome } from "../../ports/object-store.ts";
import type { AzContainer } from "./az-container.ts";
import { azFailure } from "./az-failure.ts";
import { isTransient } from "./to-az-error.ts";

/** `raced`: another writer was at it in the same moment. Not applied for certain, so it may be sent again. */
export type PutAttempt = PutOutcome | { readonly outcome: "raced"; readonly cause: KgsyncError };

/** A put of somebody else's has removed the blocks that were staged for this one. */
const BLOCKS_GONE = new Set(["InvalidBlockList", "InvalidBlobOrBlock"]);

/**
 * What a failed put means.
 *
 * | answer | create | update | overwrite |
 * |---|---|---|---|
 * | 409 BlobAlreadyExists | conflict | rejects | rejects |
 * | 412, but for somebody's lease | conflict | conflict | rejects |
 * | 404 BlobNotFound | rejects | conflict: the key is gone | rejects |
 * | 400 InvalidBlockList | raced | raced | raced |
 * | none, 408, 429, 5xx, 2xx cut short | unknown | unknown | unknown |
 * | never connected, any other | rejects | rejects | rejects |
 *
 * @throws KgsyncError when it is sure that nothing was written.
 */
export const putOutcome = (container: AzContainer, thrown: unknown, mode: PutMode, action: string): PutAttempt => {
  if (thrown instanceof KgsyncError) throw thrown;
  const { status, code, sent } = azFailure(thrown);
  const error = container.error(thrown, action);
  if (!sent) throw error;
  if (status === 412 && mode.mode !== "overwrite" && !code.startsWith("Lease")) return { outcome: "conflict" };
  if (status === 409 && mode.mode === "create" && code === "BlobAlreadyExists") return { outcome: "conflict" };
  if (status === 404 && mode.mode === "update" && code === "BlobNotFound") return { outcome: "conflict" };
  if (status === 400 && BLOCKS_GONE.has(code)) return { outcome: "raced", cause: error };
  if (isTransient(azFailure(thrown))) return { outcome: "unknown", cause: error };
  throw error;
};
