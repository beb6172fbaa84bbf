import type { Difference } from "./difference.ts";
import { type Change, listChanges } from "./list-changes.ts";

/** How many entries came, went, or are others now. */
export type Counts = Readonly<Record<"added" | "removed" | "changed", number>>;

/** One entry of a section, a service for example, and all that is different in it. */
export type EntryChange = {
  readonly name: string;
  readonly kind: "added" | "removed" | "changed";
  readonly changes: readonly Change[];
};

/** A member of the document's root. One that holds no entries (a text, a list), or came or went whole, has one without a name. */
export type SectionChange = {
  readonly name: string;
  readonly entries: readonly EntryChange[];
  readonly counts: Counts;
};

/** A difference of two documents as a person looks at it: section by section, in each entry by entry. */
export const outline = (difference: Difference | undefined): readonly SectionChange[] => {
  if (difference === undefined) return [];
  if (difference.kind !== "members") return [section("", [entry("", difference, [])])];
  return [...difference.members].map(([name, below]) =>
    section(
      name,
      below.kind === "members"
        ? [...below.members].map(([key, of]) => entry(key, of, [name, key]))
        : [entry("", below, [name])],
    ),
  );
};

/** Of all sections together. */
export const totalCounts = (sections: readonly SectionChange[]): Counts => {
  const sum = (kind: keyof Counts): number => sections.reduce((total, { counts }) => total + counts[kind], 0);
  return { added: sum("added"), removed: sum("removed"), changed: sum("changed") };
};

const section = (name: string, entries: readonly EntryChange[]): SectionChange => {
  const count = (kind: EntryChange["kind"]): number => entries.filter((one) => one.kind === kind).length;
  return {
    name,
    entries,
    counts: { added: count("added"), removed: count("removed"), changed: count("changed") },
  };
};

/** The changes keep the whole way: it is put before the part of the tree that is looked at. */
const entry = (name: string, difference: Difference, way: readonly string[]): EntryChange => ({
  name,
  kind: difference.kind === "added" || difference.kind === "removed" ? difference.kind : "changed",
  changes: listChanges(difference, way),
});
