import type { JsonNode } from "../json/node.ts";
import { align } from "./align.ts";
import { type AlignedSide, cutChunks } from "./cut-chunks.ts";
import type { Rank } from "./merge-types.ts";

/** One element; equal `id`, equal meaning. */
export type Item = { readonly id: number; readonly from: "base" | Rank; readonly node: JsonNode };

export type Parts = {
  readonly base: readonly Item[];
  readonly winner: readonly Item[];
  readonly loser: readonly Item[];
};

export const idsOf = (items: readonly Item[]): readonly number[] => items.map(({ id }) => id);

/** The parts of three lists that can be merged apart, in order. `onRepeats`: told when a side could not be aligned. */
export const splitParts = ({ base, winner, loser }: Parts, onRepeats?: () => void): readonly Parts[] => {
  const aligned = (side: readonly Item[]): AlignedSide => {
    const matched = align(idsOf(base), idsOf(side));
    if (matched === undefined) onRepeats?.();
    return { ids: idsOf(side), matched: matched ?? [] };
  };
  return cutChunks(base.length, aligned(winner), aligned(loser)).map((chunk) => ({
    base: base.slice(...chunk.base),
    winner: winner.slice(...chunk.winner),
    loser: loser.slice(...chunk.loser),
  }));
};
