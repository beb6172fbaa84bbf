import { align } from "./align.ts";
import { type Item, idsOf, type Parts } from "./split-parts.ts";

/**
 * What one part of a list becomes, or `undefined` when it is not as simple as this:
 *
 * | winner and loser | result |
 * |---|---|
 * | one is as base, or both are equal | the other one |
 * | both inserted at one point | both, the winner's first, what both inserted once |
 * | as many elements in all three, no position changed by both | position by position |
 * | one is as base but for what neither has | the other one |
 */
export const resolveChunk = (parts: Parts): readonly Item[] | undefined =>
  pick(parts) ??
  (parts.base.length === 0 ? keepBoth(parts.winner, parts.loser) : (byPosition(parts) ?? withoutGone(parts)));

const pick = ({ base, winner, loser }: Parts): readonly Item[] | undefined => {
  if (equalItems(winner, base)) return loser;
  return equalItems(loser, base) || equalItems(winner, loser) ? winner : undefined;
};

const withoutGone = ({ base, winner, loser }: Parts): readonly Item[] | undefined => {
  const there = new Set([...idsOf(winner), ...idsOf(loser)]);
  const left = base.filter(({ id }) => there.has(id));
  return left.length === 0 ? undefined : pick({ base: left, winner, loser });
};

export const equalItems = (a: readonly Item[], b: readonly Item[]): boolean =>
  a.length === b.length && a.every(({ id }, index) => id === b[index]?.id);

/** A shortest list that holds both: merging the result with one of them once more adds nothing. */
const keepBoth = (winner: readonly Item[], loser: readonly Item[]): readonly Item[] => {
  const matched = align(idsOf(winner), idsOf(loser)) ?? [];
  const kept: Item[] = [];
  let next = 0;
  for (const [index, item] of winner.entries()) {
    const place = matched[index] ?? -1;
    for (; next < place; next++) kept.push(...loser.slice(next, next + 1));
    if (place >= 0) next = place + 1;
    kept.push(item);
  }
  return [...kept, ...loser.slice(next)];
};

const byPosition = ({ base, winner, loser }: Parts): readonly Item[] | undefined => {
  if (winner.length !== base.length || loser.length !== base.length) return undefined;
  const merged: Item[] = [];
  for (const [index, was] of base.entries()) {
    const [a, b] = [winner[index], loser[index]];
    const item = a?.id === was.id ? b : b?.id === was.id || a?.id === b?.id ? a : undefined;
    if (item === undefined) return undefined;
    merged.push(item);
  }
  return merged;
};
