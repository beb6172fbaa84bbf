import { align } from "./align.ts";
import { type Item, idsOf, type Parts } from "./split-parts.ts";

/** Where a common element stands in either side. */
type Place = { readonly winner: number; readonly loser: number };

/**
 * The parts around what both sides have in common though base does not show where it belongs: `undefined` when there is
 * nothing. An element of base goes where one of the sides still has it; what neither has goes with what stood before it.
 */
export const splitAtCommon = (parts: Parts): readonly (Parts | Item)[] | undefined => {
  const { base, winner, loser } = parts;
  const common = (align(idsOf(winner), idsOf(loser)) ?? []).flatMap((place, index) =>
    place < 0 ? [] : [{ winner: index, loser: place }],
  );
  if (common.length === 0) return undefined;
  const homes = homesOf(parts, common);
  const split: (Parts | Item)[] = [];
  let last = { winner: 0, loser: 0 };
  for (const [index, here] of [...common, { winner: winner.length, loser: loser.length }].entries()) {
    split.push({
      base: base.filter((_, at) => homes[at] === index),
      winner: winner.slice(last.winner, here.winner),
      loser: loser.slice(last.loser, here.loser),
    });
    const item = winner[here.winner];
    if (item !== undefined) split.push(item);
    last = { winner: here.winner + 1, loser: here.loser + 1 };
  }
  return split;
};

/** For each element of base the number of the part that it belongs to; -1 for what is common itself. */
const homesOf = (parts: Parts, common: readonly Place[]): readonly number[] => {
  const inWinner = align(idsOf(parts.base), idsOf(parts.winner)) ?? [];
  const inLoser = align(idsOf(parts.base), idsOf(parts.loser)) ?? [];
  const found = parts.base.map((_, at) => {
    const side = (inWinner[at] ?? -1) >= 0 ? "winner" : "loser";
    const place = (side === "winner" ? inWinner[at] : inLoser[at]) ?? -1;
    if (place < 0) return undefined;
    const before = countBefore(common, side, place);
    return { before, isCommon: common[before]?.[side] === place };
  });
  let home = found.find((one) => one !== undefined)?.before ?? 0; // also of what is gone before the first of them
  return found.map((one) => {
    if (one === undefined) return home;
    home = one.isCommon ? one.before + 1 : one.before;
    return one.isCommon ? -1 : home;
  });
};

/** How many of the common ones, which stand in order, are before a place. */
const countBefore = (common: readonly Place[], side: keyof Place, place: number): number => {
  let [low, high] = [0, common.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((common[middle]?.[side] ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
};
