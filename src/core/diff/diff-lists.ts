import { canonicalText } from "../json/canonical-text.ts";
import type { JsonNode } from "../json/node.ts";
import { align } from "../merge/align.ts";
import { identify } from "../merge/identity.ts";
import type { Difference, ItemDifference, ListDifference } from "./difference.ts";

type Both = (from: JsonNode, to: JsonNode, index: number) => Difference | undefined;
type Nodes = readonly JsonNode[];

/**
 * Two lists that are not equal, element by element. What can be told apart is found again wherever it stands; of anything else
 * the longest part that both have in common stays, and what stands between goes in pairs where there is as much on both sides.
 */
export const diffLists = (from: Nodes, to: Nodes, keys: readonly string[], both: Both): ListDifference => {
  const found = identify([from, to], keys, false);
  return found === undefined
    ? diffSequences(from, to, both)
    : diffKeyed(from, to, found.lists[0] ?? [], found.lists[1] ?? [], both);
};

const diffKeyed = (
  from: Nodes,
  to: Nodes,
  fromIds: readonly string[],
  toIds: readonly string[],
  both: Both,
): ListDifference => {
  const before = new Map(fromIds.map((id, index) => [id, index]));
  const after = new Set(toIds);
  const items: ItemDifference[] = [];
  for (const [index, id] of fromIds.entries()) if (!after.has(id)) items.push(...removed(from, index, id));
  const kept: number[] = [];
  for (const [index, id] of toIds.entries()) {
    const place = before.get(id);
    if (place === undefined) items.push(...added(to, index, id));
    else {
      kept.push(place);
      items.push(...changed(from, to, place, index, id, both));
    }
  }
  return { kind: "items", items, order: isAscending(kept) ? undefined : kept };
};

const isAscending = (places: readonly number[]): boolean =>
  places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));

const diffSequences = (from: Nodes, to: Nodes, both: Both): ListDifference => {
  const texts = { from: from.map(canonicalText), to: to.map(canonicalText) };
  const matched = alignBothWays(texts.from, texts.to);
  const items: ItemDifference[] = [];
  let [start, toStart] = [0, 0];
  const gap = (end: number, toEnd: number): void => {
    const paired = end - start === toEnd - toStart;
    for (let n = 0; start + n < end; n++)
      items.push(
        ...(paired ? changed(from, to, start + n, toStart + n, undefined, both) : removed(from, start + n, undefined)),
      );
    if (!paired) for (let index = toStart; index < toEnd; index++) items.push(...added(to, index, undefined));
  };
  for (const [index, place] of matched.entries()) {
    if (place === -1) continue;
    gap(index, place);
    [start, toStart] = [index + 1, place + 1];
  }
  gap(from.length, to.length);
  return { kind: "items", items, order: undefined };
};

/** Of several longest common parts the same one is taken whichever list comes first. */
const alignBothWays = (from: readonly string[], to: readonly string[]): readonly number[] => {
  const numbers = new Map<string, number>();
  const numbered = (texts: readonly string[]): readonly number[] =>
    texts.map((text) => {
      const known = numbers.get(text) ?? numbers.size;
      numbers.set(text, known);
      return known;
    });
  const swapped = from.join() > to.join();
  const [left, right] = swapped ? [numbered(to), numbered(from)] : [numbered(from), numbered(to)];
  const matched = align(left, right) ?? [];
  if (!swapped) return matched;
  const inverse = new Array<number>(from.length).fill(-1);
  for (const [index, place] of matched.entries()) if (place !== -1) inverse[place] = index;
  return inverse;
};

const removed = (from: Nodes, place: number, identity: string | undefined): readonly ItemDifference[] => {
  const node = from[place];
  if (node === undefined) return [];
  return [{ from: place, to: undefined, identity, difference: { kind: "removed", from: node } }];
};

const added = (to: Nodes, place: number, identity: string | undefined): readonly ItemDifference[] => {
  const node = to[place];
  return node === undefined ? [] : [{ from: undefined, to: place, identity, difference: { kind: "added", to: node } }];
};

const changed = (
  from: Nodes,
  to: Nodes,
  place: number,
  index: number,
  identity: string | undefined,
  both: Both,
): readonly ItemDifference[] => {
  const [before, after] = [from[place], to[index]];
  const difference = before && after && both(before, after, index);
  return difference === undefined ? [] : [{ from: place, to: index, identity, difference }];
};
