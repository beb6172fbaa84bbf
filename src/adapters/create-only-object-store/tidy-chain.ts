import type { Chain, ChainRow } from "./chain.ts";
import { versionMetadata } from "./chain-mark.ts";
import { chainName } from "./chain-name.ts";

/** A version so far below the newest is deleted. See `commitVersion` for why it can be. */
export const DELETED_BELOW = 32;
/** A large one is emptied before: readers that have just listed may still come for the two before the newest. */
const EMPTIED_BELOW = 3;
const LARGE = 64 * 1024;
/** Of each sort in one go: more than one put adds. */
const AT_ONCE = 4;

/** Bounds what a chain takes up. Never rejects: what stays is tried again after the next put. */
export const tidyChain = async (chain: Chain, rows: readonly ChainRow[], signal: AbortSignal): Promise<void> => {
  const { inner, key } = chain;
  const newest = rows[0]?.number ?? 0;
  const empty = { contentType: "application/octet-stream" };
  const mark = { kind: "emptied", chain: chain.memory.id ?? "-", over: undefined } as const;
  const old = rows.filter(({ number }) => number <= newest - DELETED_BELOW).slice(-AT_ONCE);
  const large = rows
    .filter(({ number, size }) => number <= newest - EMPTIED_BELOW && number > newest - DELETED_BELOW && size > LARGE)
    .slice(0, AT_ONCE);
  await Promise.allSettled([
    ...old.map(({ number }) => inner.delete(chainName(key, number), signal)),
    ...large.map(({ number }) =>
      inner.put(
        chainName(key, number),
        new Uint8Array(0),
        { mode: "overwrite" },
        { ...empty, metadata: versionMetadata(mark) },
        signal,
      ),
    ),
  ]);
};
