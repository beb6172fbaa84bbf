import type { Item } from "./split-parts.ts";

/**
 * No element more often than the side that has it most often: what both sides moved or added at different places is one fact,
 * not two. What the loser brought goes first, then what stands last.
 */
export const limitRepeats = (
  items: readonly Item[],
  winner: readonly Item[],
  loser: readonly Item[],
): readonly Item[] => {
  const [inItems, inWinner, inLoser] = [countsOf(items), countsOf(winner), countsOf(loser)];
  const surplus = new Map<number, number>();
  for (const [id, count] of inItems) {
    const more = count - Math.max(inWinner.get(id) ?? 0, inLoser.get(id) ?? 0);
    if (more > 0) surplus.set(id, more);
  }
  if (surplus.size === 0) return items;
  const dropped = new Set<Item>();
  const backwards = [...items].reverse();
  for (const item of [...backwards.filter(({ from }) => from === "loser"), ...backwards]) {
    const left = surplus.get(item.id) ?? 0;
    if (left === 0 || dropped.has(item)) continue;
    dropped.add(item);
    surplus.set(item.id, left - 1);
  }
  return items.filter((item) => !dropped.has(item));
};

const countsOf = (items: readonly Item[]): ReadonlyMap<number, number> => {
  const counts = new Map<number, number>();
  for (const { id } of items) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};
