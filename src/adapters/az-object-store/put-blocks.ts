import type { BlockBlobClient } from "@azure/storage-blob";
import { backoffMs } from "../../core/backoff.ts";
import type { Key } from "../../core/key.ts";
import type { PutMode, PutOptions } from "../../ports/object-store.ts";
import type { PositionedBody } from "../transfer/read-body.ts";
import { readPiece } from "../transfer/read-body.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { azFailure } from "./az-failure.ts";
import { blobOptions } from "./blob-options.ts";
import { headObject } from "./head-object.ts";
import { type PutAttempt, putOutcome } from "./put-outcome.ts";
import { isTransient } from "./to-az-error.ts";

const MIB = 1024 * 1024;
const BLOCK_SIZE = 8 * MIB;
const MAX_BLOCKS = 50_000; // REST, "Scalability and performance targets for Blob storage"
const BLOCKS_AT_ONCE = 4;
const BLOCK_ATTEMPTS = 3;

const blockSizeFor = (size: number): number => Math.max(BLOCK_SIZE, Math.ceil(size / MAX_BLOCKS / MIB) * MIB);

/** Whether the condition is false already: then nothing need be sent at all. */
const isStale = async (container: AzContainer, key: Key, mode: PutMode, signal: AbortSignal): Promise<boolean> => {
  if (mode.mode === "overwrite") return false;
  const found = await headObject(container, key, signal);
  return mode.mode === "create" ? found !== undefined : found?.etag !== mode.etag;
};

/** A block that is staged twice is one block. */
const stage = async (
  container: AzContainer,
  blob: BlockBlobClient,
  id: string,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await blob.stageBlock(id, buffer, buffer.byteLength, { abortSignal: signal });
      return;
    } catch (thrown) {
      if (signal.aborted || attempt >= BLOCK_ATTEMPTS || !isTransient(azFailure(thrown))) throw thrown;
      await container.clock.sleep(backoffMs(attempt, container.random.fraction()), signal);
    }
  }
};

/** All blocks, a few at once; the first failure ends the others, and all have ended when this does. */
const stageAll = async (
  container: AzContainer,
  blob: BlockBlobClient,
  ids: readonly string[],
  body: PositionedBody,
  signal: AbortSignal,
): Promise<void> => {
  const size = blockSizeFor(body.size);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const left = ids.entries();
  const work = async (): Promise<void> => {
    for (const [index, id] of left) {
      const at = index * size;
      const bytes = await readPiece(body, at, Math.min(size, body.size - at), either);
      await stage(container, blob, id, bytes, either);
    }
  };
  const first = Promise.withResolvers<never>();
  first.promise.catch(() => undefined);
  const guarded = async (): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      first.reject(thrown);
      failed.abort(thrown);
    }
  };
  await Promise.all(Array.from({ length: BLOCKS_AT_ONCE }, guarded));
  if (failed.signal.aborted) await first.promise;
};

/**
 * Staged in blocks, which nobody sees, and made the blob by one request that carries the condition. Blocks have names of this
 * put alone, for those of other writers lie beside them; what is never committed is dropped by Azure after a week.
 */
export const putBlocks = async (
  container: AzContainer,
  key: Key,
  body: PositionedBody,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const action = `put "${key}"`;
  const client = await container.open(signal);
  if (await isStale(container, key, mode, signal)) return { outcome: "conflict" };
  const blob = client.getBlockBlobClient(container.fullKey(key));
  const put = container.random.id();
  const count = Math.ceil(body.size / blockSizeFor(body.size));
  // All of one length, at most 64 bytes before they are encoded (REST, "Put Block").
  const ids = Array.from({ length: count }, (_, index) =>
    Buffer.from(`${put}-${String(index).padStart(5, "0")}`).toString("base64"),
  );
  try {
    await stageAll(container, blob, ids, body, signal);
  } catch (thrown) {
    throw container.error(thrown, action);
  }
  try {
    const answer = await blob.commitBlockList(ids, { ...blobOptions(mode, options), abortSignal: signal });
    return { outcome: "stored", etag: etagFromServer(answer.etag) };
  } catch (thrown) {
    return putOutcome(container, thrown, mode, action);
  }
};
