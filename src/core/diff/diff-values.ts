import { equalJson } from "../json/equal.ts";
import type { JsonNode, JsonObject } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { identityKeysAt } from "../merge/identity-keys-at.ts";
import type { MergeOptions } from "../merge/merge-types.ts";
import { diffLists } from "./diff-lists.ts";
import type { Difference } from "./difference.ts";

/** What tells the elements of lists apart, as for a merge. */
export type DiffOptions = Pick<MergeOptions, "identityAt" | "identityKeys">;

/**
 * How `to` differs from `from` by meaning: spelling, white space and the order of keys make no difference. `undefined`: not at
 * all. The other way round it is the same tree with both sides exchanged.
 */
export const diffValues = (
  from: JsonNode,
  to: JsonNode,
  options: DiffOptions = {},
  at: Path = undefined,
): Difference | undefined => {
  if (from.kind === "object" && to.kind === "object") return diffObjects(from, to, options, at);
  if (equalJson(from, to)) return undefined;
  if (from.kind !== "array" || to.kind !== "array" || isVector(from.items, to.items))
    return { kind: "changed", from, to };
  return diffLists(from.items, to.items, identityKeysAt(at, options), (a, b, index) =>
    diffValues(a, b, options, { parent: at, token: String(index) }),
  );
};

const diffObjects = (from: JsonObject, to: JsonObject, options: DiffOptions, at: Path): Difference | undefined => {
  const members = new Map<string, Difference>();
  for (const name of new Set([...to.entries.keys(), ...from.entries.keys()])) {
    const [before, after] = [from.entries.get(name), to.entries.get(name)];
    const found = diffMembers(before, after, (a, b) => diffValues(a, b, options, { parent: at, token: name }));
    if (found !== undefined) members.set(name, found);
  }
  return members.size === 0 ? undefined : { kind: "members", members };
};

const diffMembers = (
  from: JsonNode | undefined,
  to: JsonNode | undefined,
  both: (from: JsonNode, to: JsonNode) => Difference | undefined,
): Difference | undefined => {
  if (from === undefined) return to && { kind: "added", to };
  return to === undefined ? { kind: "removed", from } : both(from, to);
};

/** Coordinates and embeddings are one value: hundreds of lines of single numbers tell nobody anything. */
const isVector = (from: readonly JsonNode[], to: readonly JsonNode[]): boolean =>
  from.length > 0 && from.length === to.length && [...from, ...to].every(({ kind }) => kind === "number");
