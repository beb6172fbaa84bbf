import type { JsonNode } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { identify } from "./identity.ts";
import { identityKeysAt } from "./identity-keys-at.ts";
import { mergeKeyed } from "./merge-keyed.ts";
import { mergePositions } from "./merge-positions.ts";
import { mergeSequence } from "./merge-sequence.ts";
import type { JsonArray, Merged, Merging, Triple } from "./merge-types.ts";

/** One list in the three documents; what is none (absent, `null`, another kind as base) has no elements. */
export type Lists = {
  readonly like: Readonly<Record<"base" | "winner" | "loser", JsonArray | undefined>>;
  readonly base: readonly JsonNode[];
  readonly winner: readonly JsonNode[];
  readonly loser: readonly JsonNode[];
};

/**
 * Two lists that both changed.
 *
 * | the elements | merged |
 * |---|---|
 * | all numbers, and as many as before | position by position |
 * | can be told apart | as an ordered set, or a map by identity |
 * | anything else | as a sequence, by what was inserted, removed and replaced |
 */
export const mergeArray = (m: Merging, at: Path, triple: Triple): Merged => {
  const lists = listsOf(triple);
  if (isVector(lists)) return mergePositions(m, at, triple, lists);
  const { base, winner, loser } = lists;
  const found = identify([base, winner, loser], identityKeysAt(at, m.options), m.options.format === "jsonl" && !at);
  return found === undefined ? mergeSequence(m, at, triple, lists) : mergeKeyed(m, at, triple, lists, found);
};

const asArray = (node: JsonNode | undefined): JsonArray | undefined => (node?.kind === "array" ? node : undefined);

const listsOf = ({ base, winner, loser }: Triple): Lists => {
  const like = { base: asArray(base), winner: asArray(winner), loser: asArray(loser) };
  return {
    like,
    base: like.base?.items ?? [],
    winner: like.winner?.items ?? [],
    loser: like.loser?.items ?? [],
  };
};

/** Coordinates and embeddings: as a set they would become longer than what they describe. */
const isVector = ({ like, base, winner, loser }: Lists): boolean =>
  winner.length > 0 &&
  winner.length === loser.length &&
  (like.base === undefined || base.length === winner.length) &&
  [...base, ...winner, ...loser].every(({ kind }) => kind === "number");
