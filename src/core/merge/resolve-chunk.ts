import type { JsonNode } from "../json/node.ts";
import { align } from "./align.ts";
import type { Rank } from "./merge-types.ts";

/** One element; equal `id`, equal meaning. */
export type Item = { readonly id: number; readonly from: "base" | Rank; readonly node: JsonNode };

export type Parts = {
  readonly base: readonly Item[];
  readonly winner: readonly Item[];
  readonly loser: readonly Item[];
};

/**
 * What one part of a list becomes, or `undefined` when both sides made something else of it.
 *
 * | winner and loser | result |
 * |---|---|
 * | one is as base, or both are equal | the other one |
 * | both inserted at one point | both, the winner's first, what both inserted once |
 * | as many elements in all three, no position changed by both | position by position |
 * | equal at their ends, and between them one is as base or inserted nothing | the ends and what the other has between |
 */
export const resolveChunk = (parts: Parts): readonly Item[] | undefined => {
  const { base, winner, loser } = parts;
  const simple = pick(parts) ?? (base.length === 0 ? keepBoth(winner, loser) : byPosition(parts));
  if (simple !== undefined) return simple;
  const head = commonHead(winner, loser);
  const tail = commonHead(winner.slice(head).reverse(), loser.slice(head).reverse());
  if (head + tail === 0) return undefined;
  const inner = {
    base,
    winner: winner.slice(head, winner.length - tail),
    loser: loser.slice(head, loser.length - tail),
  };
  const between = pick(inner) ?? onlyOne(inner);
  return between && [...winner.slice(0, head), ...between, ...winner.slice(winner.length - tail)];
};

const pick = ({ base, winner, loser }: Parts): readonly Item[] | undefined => {
  if (equalItems(winner, base)) return loser;
  return equalItems(loser, base) || equalItems(winner, loser) ? winner : undefined;
};

const onlyOne = ({ winner, loser }: Parts): readonly Item[] | undefined =>
  winner.length === 0 ? loser : loser.length === 0 ? winner : undefined;

export const equalItems = (a: readonly Item[], b: readonly Item[]): boolean =>
  a.length === b.length && a.every(({ id }, index) => id === b[index]?.id);

const commonHead = (a: readonly Item[], b: readonly Item[]): number => {
  let length = 0;
  while (length < a.length && length < b.length && a[length]?.id === b[length]?.id) length++;
  return length;
};

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

export const idsOf = (items: readonly Item[]): readonly number[] => items.map(({ id }) => id);

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
