import { equalJson } from "../json/equal.ts";
import type { JsonNode, JsonObject } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { adjustList, type Elements } from "./adjust-list.ts";
import { identityKeysAt } from "./identity-keys-at.ts";
import { matchesPattern } from "./matches-pattern.ts";
import type { MergeOptions, Source } from "./merge-types.ts";

/** What is known of the app's view. */
export type View = {
  readonly base: Source;
  /** The app may hold this instead. */
  readonly other: Source | undefined;
  /** What ours lacks of base is how the app writes, but for entries of these places (JSON pointers, `*` for any one step). */
  readonly firstSave: { readonly records: readonly string[] } | undefined;
  /** Of the merge: elements that it tells apart by a key are met by the same one here, else an edited one would count as removed. */
  readonly options: MergeOptions;
};

/** One place in the app's save and in both views; what is not there is `undefined`. */
type Views = {
  readonly ours: JsonNode | undefined;
  readonly base: JsonNode | undefined;
  readonly other: JsonNode | undefined;
};

type Kind = "object" | "array";

/** A container in ours that a view has too. `null` in ours is an empty one: Go writes a nil map so, and a merge reads it so. */
const isBelow = (kind: Kind, { ours, base, other }: Views): boolean =>
  (ours?.kind === kind || (ours?.kind === "literal" && ours.value === null)) &&
  (base?.kind === kind || other?.kind === kind);

const membersOf = (node: JsonNode | undefined): JsonObject["entries"] =>
  node?.kind === "object" ? node.entries : new Map();

const itemsOf = (node: JsonNode | undefined): readonly JsonNode[] => (node?.kind === "array" ? node.items : []);

/**
 * The base that says what the app changed, where its view is not simply base. What ours lacks stays in the base, so that it
 * counts as removed, only if the app surely had it and surely knew it. Answers base's own text where nothing differs.
 *
 * | ours, at one place | in the base then |
 * |---|---|
 * | equal to base, or to the other view | ours: the app has not changed it |
 * | absent, in one of two views | nothing: it may never have had it |
 * | absent, a first save, a member and no record | nothing: that is how it writes |
 * | absent, else | base |
 * | an object or a list, like one of the views | the same for each member and each element |
 * | else | base |
 */
export const adjustBase = ({ base, other, firstSave, options }: View, ours: Source): string => {
  const text = (source: Source, node: JsonNode): string => source.text.slice(node.start, node.end);
  const knows = (at: Path): boolean =>
    firstSave === undefined || firstSave.records.some((pattern) => matchesPattern(pattern, at));
  let changed = false;
  const differing = (value: string | undefined): string | undefined => {
    changed = true;
    return value;
  };

  const absent = (views: Views, known: boolean): string | undefined =>
    views.base !== undefined && (other === undefined || views.other !== undefined) && known
      ? text(base, views.base)
      : differing(undefined);

  const members = (at: Path, views: Views): string => {
    const [our, bases, others] = [membersOf(views.ours), membersOf(views.base), membersOf(views.other)];
    const out: string[] = [];
    for (const token of new Set([...bases.keys(), ...others.keys()])) {
      const below = { ours: our.get(token), base: bases.get(token), other: others.get(token) };
      const here = { parent: at, token };
      const value = below.ours === undefined ? absent(below, knows(here)) : place(here, below);
      if (value !== undefined) out.push(`${JSON.stringify(token)}:${value}`);
    }
    return `{${out.join(",")}}`;
  };

  const elements = (at: Path, views: Views): string => {
    const lists: Elements = { ours: itemsOf(views.ours), base: itemsOf(views.base), other: itemsOf(views.other) };
    const of = (below: Views, index: number): string | undefined =>
      below.ours === undefined ? absent(below, true) : place({ parent: at, token: String(index) }, below);
    return `[${adjustList(lists, identityKeysAt(at, options), of).join(",")}]`;
  };

  const edited = (at: Path, views: Views): string | undefined => {
    for (const kind of ["object", "array"] as const) {
      if (!isBelow(kind, views)) continue;
      if (views.base?.kind !== kind) changed = true;
      return kind === "object" ? members(at, views) : elements(at, views);
    }
    // Never the other view's value: the app may not have seen it, and then it must not give way without a record.
    return views.base && text(base, views.base);
  };

  const place = (at: Path, views: Views): string | undefined => {
    if (views.ours === undefined || (views.base === undefined && views.other === undefined)) return undefined;
    if (views.base !== undefined && equalJson(views.base, views.ours)) return text(base, views.base);
    if (views.other !== undefined && equalJson(views.other, views.ours)) return differing(text(ours, views.ours));
    return edited(at, views);
  };

  const adjusted = place(undefined, { ours: ours.root, base: base.root, other: other?.root });
  return changed && adjusted !== undefined ? adjusted : base.text;
};
