import { equalJson } from "../json/equal.ts";
import type { JsonNode, JsonObject } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { matchesPattern } from "./matches-pattern.ts";
import type { Source } from "./merge-types.ts";

/** What is known of the app's view. */
export type View = {
  readonly base: Source;
  /** The app may hold this instead. */
  readonly other: Source | undefined;
  /** What ours lacks of base is how the app writes, but for entries of these places (JSON pointers, `*` for any one step). */
  readonly firstSave: { readonly records: readonly string[] } | undefined;
};

/** All that are there; base is. */
const areObjects = (...nodes: readonly (JsonNode | undefined)[]): boolean =>
  nodes.every((node) => node === undefined || node.kind === "object");

const membersOf = (node: JsonNode | undefined): JsonObject["entries"] =>
  node?.kind === "object" ? node.entries : new Map();

/**
 * The base that says what the app changed, where its view is not simply base. An object's member that ours lacks stays in the
 * base, so that it counts as removed, only if the app surely had it and surely knew it. Answers base's own text where nothing
 * differs.
 *
 * | ours, at one place | in the base then |
 * |---|---|
 * | equal to base, or to the other view | ours: the app has not changed it |
 * | absent, in one of two views | nothing: it may never have had it |
 * | absent, a first save, no record | nothing: that is how it writes |
 * | absent, else | base |
 * | an object, like both views | the same for each member |
 * | else | base, or the other view where base has nothing |
 */
export const adjustBase = ({ base, other, firstSave }: View, ours: Source): string => {
  const isSame = (a: JsonNode | undefined, b: JsonNode): boolean => a !== undefined && equalJson(a, b);
  const text = (source: Source, node: JsonNode): string => source.text.slice(node.start, node.end);
  const knows = (at: Path): boolean =>
    firstSave === undefined || firstSave.records.some((pattern) => matchesPattern(pattern, at));
  let changed = false;

  const absent = (at: Path, mine: JsonNode | undefined, theirs: JsonNode | undefined): string | undefined => {
    if (mine !== undefined && (other === undefined || theirs !== undefined) && knows(at)) return text(base, mine);
    changed = true;
    return undefined;
  };
  const members = (at: Path, ...nodes: readonly [JsonNode, JsonNode | undefined, JsonNode | undefined]): string => {
    const [node, mine, theirs] = nodes.map(membersOf);
    const out: string[] = [];
    for (const token of new Set([...(mine?.keys() ?? []), ...(theirs?.keys() ?? [])])) {
      const value = place({ parent: at, token }, node?.get(token), mine?.get(token), theirs?.get(token));
      if (value !== undefined) out.push(`${JSON.stringify(token)}:${value}`);
    }
    return `{${out.join(",")}}`;
  };
  const place = (
    at: Path,
    node: JsonNode | undefined,
    mine: JsonNode | undefined,
    theirs: JsonNode | undefined,
  ): string | undefined => {
    if (node === undefined) return absent(at, mine, theirs);
    if (mine === undefined && theirs === undefined) return undefined;
    if (isSame(mine, node) && mine !== undefined) return text(base, mine);
    if (isSame(theirs, node)) {
      changed = true;
      return text(ours, node);
    }
    if (areObjects(node, mine, theirs)) return members(at, node, mine, theirs);
    if (mine !== undefined) return text(base, mine);
    if (theirs === undefined || other === undefined) return undefined;
    changed = true;
    return text(other, theirs);
  };
  const adjusted = place(undefined, ours.root, base.root, other?.root);
  return changed && adjusted !== undefined ? adjusted : base.text;
};
