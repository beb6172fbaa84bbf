import { canonicalText } from "../json/canonical-text.ts";
import type { JsonNode } from "../json/node.ts";

export type Identified = {
  /** One identity for each element of each list, none twice in one list. */
  readonly lists: readonly (readonly string[])[];
  /** The identities are the elements themselves, and texts: what was sorted can stay sorted. */
  readonly texts: boolean;
};

/**
 * What tells the elements of all the lists apart: a scalar is its own identity, an object has it from the first of `keys` that
 * all of them have and no two in one list share. `each`: where no key is common to all, each object by the first that it has
 * (files of records of several kinds). `undefined`: they cannot be told apart.
 */
export const identify = (
  lists: readonly (readonly JsonNode[])[],
  keys: readonly string[],
  each: boolean,
): Identified | undefined => {
  const all = lists.flat();
  if (all.every((node) => node.kind === "string")) return unique(lists, textOf, true);
  if (all.every(isScalar)) return unique(lists, canonicalText, false);
  const candidates = keys.map((key) => key.split("+"));
  for (const names of candidates) {
    const found = unique(lists, (node) => membersOf(node, names), false);
    if (found !== undefined) return found;
  }
  return each ? unique(lists, (node) => firstOf(node, candidates), false) : undefined;
};

const textOf = (node: JsonNode): string | undefined => (node.kind === "string" ? node.value : undefined);

const isScalar = (node: JsonNode): boolean => node.kind !== "object" && node.kind !== "array";

const unique = (
  lists: readonly (readonly JsonNode[])[],
  identityOf: (node: JsonNode) => string | undefined,
  texts: boolean,
): Identified | undefined => {
  const found: string[][] = [];
  for (const list of lists) {
    const seen = new Set<string>();
    for (const node of list) {
      const identity = identityOf(node);
      if (identity === undefined || seen.has(identity)) return undefined;
      seen.add(identity);
    }
    found.push([...seen]);
  }
  return { lists: found, texts };
};

const membersOf = (node: JsonNode, names: readonly string[]): string | undefined => {
  if (node.kind !== "object") return undefined;
  const texts: string[] = [];
  for (const name of names) {
    const member = node.entries.get(name);
    if (member === undefined || !isScalar(member) || (member.kind === "literal" && member.value === null))
      return undefined;
    texts.push(canonicalText(member));
  }
  return texts.join(",");
};

const firstOf = (node: JsonNode, candidates: readonly (readonly string[])[]): string | undefined => {
  for (const names of candidates) {
    const identity = membersOf(node, names);
    if (identity !== undefined) return `${names.join("+")}:${identity}`;
  }
  return undefined;
};
