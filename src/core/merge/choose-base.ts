import { canonicalText } from "../json/canonical-text.ts";
import { equalJson } from "../json/equal.ts";
import type { JsonNode } from "../json/node.ts";
import { CLOCK_FIELDS } from "../profiles/merge-defaults.ts";
import { compareClocks } from "./rank-sides.ts";
import { readDocument } from "./read-document.ts";

/**
 * Which of the kept versions (newest first) a document of unknown past was most likely made from: of those that hold nothing
 * that ours lacks, the one with the fewest places that differ, the newest if there are several. A version that is too old can
 * only bring back what was removed; one that holds more than ours ever had would make removals of it, so it is never chosen.
 * Neither is one that is later by the documents' own clocks: the edits since ours would count as taken back by ours.
 */
export const chooseBase = (candidates: readonly Uint8Array[], ours: Uint8Array): number | undefined => {
  const mine = readDocument(ours);
  if (!mine.ok) return undefined;
  let best: { readonly index: number; readonly distance: number } | undefined;
  for (const [index, bytes] of candidates.entries()) {
    const read = readDocument(bytes);
    if (!read.ok || compareClocks(read.source.root, mine.source.root, CLOCK_FIELDS) > 0) continue;
    const distance = distanceWithin(read.source.root, mine.source.root);
    if (distance !== undefined && (best === undefined || distance < best.distance)) best = { index, distance };
  }
  return best?.index;
};

/** Places where the two differ; `undefined` when `old` has a member or an element that `mine` lacks. */
const distanceWithin = (old: JsonNode, mine: JsonNode): number | undefined => {
  if (old.kind === "object" && mine.kind === "object") {
    let sum = mine.entries.size - old.entries.size;
    for (const [name, value] of old.entries) {
      const there = mine.entries.get(name);
      const distance = there === undefined ? undefined : distanceWithin(value, there);
      if (distance === undefined) return undefined;
      sum += distance;
    }
    return sum;
  }
  if (old.kind === "array" && mine.kind === "array") return listDistance(old.items, mine.items);
  if (equalJson(old, mine)) return 0;
  return old.kind === "object" || old.kind === "array" ? undefined : 1;
};

/** An edited element counts as one that is missing: nobody can say here that it is the same. */
const listDistance = (old: readonly JsonNode[], mine: readonly JsonNode[]): number | undefined => {
  const left = new Map<string, number>();
  for (const item of mine) left.set(canonicalText(item), (left.get(canonicalText(item)) ?? 0) + 1);
  for (const item of old) {
    const name = canonicalText(item);
    const count = left.get(name) ?? 0;
    if (count === 0) return undefined;
    left.set(name, count - 1);
  }
  const reordered = mine.length === old.length && old.some((item, index) => !isEqualAt(item, mine[index]));
  return mine.length - old.length + Number(reordered);
};

const isEqualAt = (a: JsonNode, b: JsonNode | undefined): boolean => b !== undefined && equalJson(a, b);
