import { KgsyncError } from "../../core/errors.ts";
import { etag } from "../../core/version.ts";
import type { PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { type Chain, type ChainRow, listChain } from "./chain.ts";
import { versionMetadata } from "./chain-mark.ts";
import { chainName } from "./chain-name.ts";
import type { ChainLook } from "./look-at-chain.ts";
import { writeMirror } from "./mirror.ts";
import { DELETED_BELOW, tidyChain } from "./tidy-chain.ts";

/**
 * Whether the number had never been used before our put of it: all from ours to the newest are there, and the newest is nearer
 * than the distance at which numbers are deleted.
 */
const wasFree = (rows: readonly ChainRow[], number: number): boolean => {
  const above = rows.filter((row) => row.number >= number);
  const newest = above[0]?.number ?? number; // a listing that lags
  return newest - number < DELETED_BELOW && above.length >= newest - number;
};

/**
 * Puts the version that follows the one seen, create-only: of several writers one gets the number, the others conflict.
 *
 * Old numbers are deleted, so a writer that was paused just before its put may get one that had been used: it is below the
 * newest then, and nobody ever reads it. It must not believe that it won, though. A number is deleted only when the newest is
 * `DELETED_BELOW` beyond it, and the newest never sinks: as long as it is nearer in a listing made after our put, ours was
 * the first of that number. Else (`unknown`) either that happened, or so many followed us at once. A put that arrives when
 * nobody waits for it any more is the same: the first of its number, and then it counts, or below the newest. No clock is
 * compared for any of it.
 */
export const commitVersion = async (
  chain: Chain,
  seen: ChainLook,
  kind: "content" | "deleted",
  body: Uint8Array,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  const { inner, key, memory } = chain;
  const number = seen.number + 1;
  const id = seen.chain ?? chain.newId();
  const metadata = { ...options.metadata, ...versionMetadata({ kind, chain: id, over: seen.over }) };
  const put = await inner.put(chainName(key, number), body, { mode: "create" }, { ...options, metadata }, signal);
  if (put.outcome !== "stored") return put;
  let rows: readonly ChainRow[];
  try {
    rows = await listChain(chain, signal);
  } catch (cause) {
    return { outcome: "unknown", cause };
  }
  if (!wasFree(rows, number)) {
    const message = `version ${number} of ${key} in ${inner.name} was stored far below the newest`;
    return { outcome: "unknown", cause: new KgsyncError("bucket-unavailable", message) };
  }
  memory.id = id;
  const stored = { number, chain: id, digest: chain.sha256(body), body, options, seen: seen.plain, over: seen.over };
  await Promise.all([
    chain.mirrored && kind === "content" ? writeMirror(chain, stored, signal) : undefined,
    tidyChain(chain, rows, signal),
  ]);
  return { outcome: "stored", etag: etag(`chain-${number}`) };
};
