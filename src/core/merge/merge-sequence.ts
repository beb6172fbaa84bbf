import { canonicalText } from "../json/canonical-text.ts";
import type { JsonNode } from "../json/node.ts";
import { type Path, pointerOf } from "../json/pointer.ts";
import { finishList } from "./finish-list.ts";
import { limitRepeats } from "./limit-repeats.ts";
import type { Lists } from "./merge-array.ts";
import { mergeKeyed } from "./merge-keyed.ts";
import type { Merged, Merging, Piece, Rank, Triple } from "./merge-types.ts";
import { noteSequence } from "./note-sequence.ts";
import { isReordered } from "./order-names.ts";
import { equalItems, resolveChunk } from "./resolve-chunk.ts";
import { splitAtCommon } from "./split-at-common.ts";
import { type Item, idsOf, type Parts, splitParts } from "./split-parts.ts";

/**
 * Lists whose elements cannot be told apart: by what each side inserted, removed and replaced (three-way diff). Where a side
 * moved something and nothing is repeated, each element is its own identity: to a diff a move is a removal and an insertion,
 * and merging the result again would insert a second time.
 */
export const mergeSequence = (m: Merging, at: Path, triple: Triple, lists: Lists): Merged => {
  const all = itemsOf(m, lists);
  if (isMoved(all)) {
    const values = [lists.base, lists.winner, lists.loser].map((nodes) => nodes.map(canonicalText));
    return mergeKeyed(m, at, triple, lists, { lists: values, texts: false });
  }
  const warn = (): void => m.warn(`${pointerOf(at) || "the document"}: too many repeated elements to be compared`);
  const found = splitParts(all, warn).flatMap((parts) => settle(m, at, parts));
  const items = limitRepeats(found, all.winner, all.loser);
  const pieces = items.flatMap(({ from, node }): readonly Piece[] =>
    from === "base" ? [] : [{ kind: "copy", from, node }],
  );
  return finishList(triple, lists.like, pieces, {
    winner: equalItems(items, all.winner),
    loser: equalItems(items, all.loser),
  });
};

/** A part may fall into smaller ones: at what both sides have in common, or once its neighbours are cut away. */
const settle = (m: Merging, at: Path, parts: Parts): readonly Item[] => {
  const resolved = resolveChunk(parts);
  if (resolved !== undefined) return resolved;
  const finer = splitAtCommon(parts) ?? splitParts(parts).filter(isFilled);
  if (finer.length <= 1) return decide(m, at, parts);
  return finer.flatMap((part) => ("base" in part ? settle(m, at, part) : [part]));
};

const isFilled = ({ base, winner, loser }: Parts): boolean => base.length + winner.length + loser.length > 0;

const isMoved = ({ base, winner, loser }: Parts): boolean => {
  const [from, first, second] = [idsOf(base), idsOf(winner), idsOf(loser)];
  if ([from, first, second].some((ids) => new Set(ids).size < ids.length)) return false;
  return isReordered(from, first) || isReordered(from, second) || isReordered(first, second);
};

/** Elements of equal meaning get one number. Most are spelt alike, and need not be brought into one form first. */
const itemsOf = (m: Merging, lists: Lists): Parts => {
  const bySpelling = new Map<string, number>();
  const byMeaning = new Map<string, number>();
  const idOf = (from: Item["from"], node: JsonNode): number => {
    const spelling = m.texts[from].slice(node.start, node.end);
    const known = bySpelling.get(spelling);
    if (known !== undefined) return known;
    const meaning = canonicalText(node);
    const id = byMeaning.get(meaning) ?? byMeaning.size;
    byMeaning.set(meaning, id);
    bySpelling.set(spelling, id);
    return id;
  };
  const read = (from: Item["from"]): readonly Item[] =>
    lists[from].map((node) => ({ id: idOf(from, node), from, node }));
  return { base: read("base"), winner: read("winner"), loser: read("loser") };
};

/** What was removed on one side and edited on the other stays, as anywhere. */
const decide = (m: Merging, at: Path, parts: Parts): readonly Item[] => {
  const removed = parts.winner.length === 0 || parts.loser.length === 0;
  const chosen = chooseSide(m, parts);
  noteSequence(
    m,
    at,
    chosen,
    { base: nodesOf(parts.base), winner: nodesOf(parts.winner), loser: nodesOf(parts.loser) },
    removed ? "delete/edit" : "sequence",
  );
  return parts[chosen];
};

const chooseSide = (m: Merging, { winner, loser }: Parts): Rank => {
  if (winner.length === 0) return "loser";
  if (loser.length === 0 || !m.tie) return "winner";
  const text = (items: readonly Item[]): string => items.map(({ node }) => canonicalText(node)).join(",");
  return text(loser) > text(winner) ? "loser" : "winner";
};

const nodesOf = (items: readonly Item[]): readonly JsonNode[] => items.map(({ node }) => node);
