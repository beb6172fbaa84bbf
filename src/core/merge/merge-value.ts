import { compareJson } from "../json/compare.ts";
import type { JsonNode } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { laterClock } from "./later-clock.ts";
import { mergeArray } from "./merge-array.ts";
import { mergeObject } from "./merge-object.ts";
import type { Conflict, Merged, Merging, Rank, Triple } from "./merge-types.ts";

/**
 * The rules for one place. Absent is a value like any other.
 *
 * | winner and loser | result |
 * |---|---|
 * | equal | that |
 * | one is as base | the other one, a deletion too |
 * | one is absent, the other edited | the edit, noted |
 * | both objects, or both arrays (`null` is an empty one) | below, element by element |
 * | both a clock, or the root version | the later |
 * | anything else | by policy, noted |
 */
export const mergeValue = (m: Merging, at: Path, triple: Triple): Merged => {
  if (m.same("winner", "loser", triple)) return take("winner", triple, { winner: true, loser: true });
  if (m.same("winner", "base", triple)) return take("loser", triple);
  if (m.same("loser", "base", triple)) return take("winner", triple);
  const { base, winner, loser } = triple;
  if (winner === undefined || loser === undefined)
    return decide(m, at, triple, "delete/edit", winner === undefined ? "loser" : "winner");
  switch (containerKind(base, winner, loser)) {
    case "object":
      return mergeObject(m, at, triple);
    case "array":
      return mergeArray(m, at, triple);
    case undefined:
      return mergeScalars(m, at, triple, winner, loser);
  }
};

const take = (
  from: Rank,
  triple: Triple,
  is: Merged["is"] = { winner: from === "winner", loser: from === "loser" },
): Merged => {
  const node = triple[from];
  return { piece: node && { kind: "copy", from, node }, is };
};

const isNull = (node: JsonNode): boolean => node.kind === "literal" && node.value === null;

const isContainer = (node: JsonNode | undefined): boolean => node?.kind === "object" || node?.kind === "array";

/**
 * What both sides are, if it is one kind of container. Go writes a map that was never made as `null`: beside a container it
 * is an empty one, unless base shows that the place held a scalar.
 */
const containerKind = (
  base: JsonNode | undefined,
  winner: JsonNode,
  loser: JsonNode,
): "object" | "array" | undefined => {
  const filled = isNull(winner) ? loser : winner;
  const other = isNull(winner) ? winner : loser;
  if (filled.kind !== "object" && filled.kind !== "array") return undefined;
  if (filled.kind === other.kind) return filled.kind;
  return isNull(other) && (base === undefined || isContainer(base)) ? filled.kind : undefined;
};

const mergeScalars = (m: Merging, at: Path, triple: Triple, winner: JsonNode, loser: JsonNode): Merged => {
  const later = laterClock(at, triple);
  if (later !== undefined) return take(later, triple);
  const chosen = m.tie && compareJson(loser, winner) > 0 ? "loser" : "winner";
  return decide(m, at, triple, conflictKind(triple.base, winner, loser), chosen);
};

const conflictKind = (base: JsonNode | undefined, winner: JsonNode, loser: JsonNode): Conflict["kind"] => {
  if (typeName(winner) !== typeName(loser)) return "type";
  return base === undefined ? "add/add" : "edit/edit";
};

const typeName = (node: JsonNode): string => (node.kind === "literal" && node.value !== null ? "boolean" : node.kind);

const decide = (m: Merging, at: Path, triple: Triple, kind: Conflict["kind"], chosen: Rank): Merged => {
  const raw = (of: keyof Triple): string | undefined => {
    const node = triple[of];
    return node && m.texts[of].slice(node.start, node.end);
  };
  m.note({ at, kind, chosen, texts: { base: raw("base"), winner: raw("winner"), loser: raw("loser") } });
  return take(chosen, triple);
};
