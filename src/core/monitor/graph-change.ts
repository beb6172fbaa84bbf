import { diffDocuments, readSide } from "../diff/diff-documents.ts";
import type { DiffOptions } from "../diff/diff-values.ts";
import type { Change } from "../diff/list-changes.ts";
import { type Counts, outline, type SectionChange } from "../diff/outline.ts";
import { visible } from "../diff/value-text.ts";

/** A change of the graph on disk, as the page tells it. */
export type GraphChange = {
  /** When it was seen, in Unix milliseconds. */
  readonly at: number;
  /** Facts before and after. */
  readonly before: number;
  readonly leaves: number;
  /** `undefined`: by its counts only, where the graph is too large to be compared. */
  readonly sections: ChangedSections | undefined;
};

/** `more`: sections that differ and are not listed. */
export type ChangedSections = { readonly list: readonly SectionLine[]; readonly more: number };

/** A section of the graph: how many of its entries differ, and the first of them. No names: it came, went or changed whole. */
export type SectionLine = {
  readonly name: string;
  readonly counts: Counts;
  readonly names: readonly EntryName[];
};

export type EntryName = { readonly kind: keyof Counts; readonly name: string };

/** What is kept of a difference; with these it is a few kilobytes, whatever the graph is. */
export const MAX_SECTIONS = 6;
export const MAX_NAMES = 8;
/** In characters. */
export const MAX_NAME = 40;

/** So much of a name is searched for secrets. */
const LOOKED_AT = 1000;

/**
 * What the graph in `to` has otherwise than the one in `from`: the names of sections and entries, not what they hold.
 * No sections: equal by meaning. `undefined`: one of them cannot be read. `redact` takes secrets out of a name.
 */
export const compareGraphs = (
  from: Uint8Array,
  to: Uint8Array,
  options: DiffOptions,
  redact: (text: string) => string,
): ChangedSections | undefined => {
  const [before, after] = [readSide(from), readSide(to)];
  if (!before.ok || !after.ok) return undefined;
  const sections = outline(diffDocuments(before.side, after.side, options).difference);
  const list = sections.slice(0, MAX_SECTIONS).map((section) => sectionLine(section, (name) => short(redact, name)));
  return { list, more: sections.length - list.length };
};

const sectionLine = ({ name, entries, counts }: SectionChange, shown: (name: string) => string): SectionLine => {
  const [first] = entries;
  const listed = first?.name === "" && entries.length === 1 ? elementsOf(first.changes) : undefined;
  const all: readonly EntryName[] = listed ?? entries.filter((entry) => entry.name !== "");
  return {
    name: shown(name),
    counts: listed === undefined ? counts : countsOf(listed),
    names: all.slice(0, MAX_NAMES).map((one) => ({ kind: one.kind, name: shown(one.name) })),
  };
};

/** The elements of a section that is a list: the second step to each change. `undefined`: it differs as a whole. */
const elementsOf = (changes: readonly Change[]): readonly EntryName[] | undefined => {
  const kinds = new Map<string, keyof Counts>();
  for (const { kind, steps } of changes) {
    const element = steps[1];
    if (element === undefined) continue;
    kinds.set(element, steps.length === 2 && kind !== "moved" ? kind : "changed");
  }
  return kinds.size === 0 ? undefined : [...kinds].map(([name, kind]) => ({ kind, name }));
};

const countsOf = (names: readonly EntryName[]): Counts => {
  const count = (kind: keyof Counts): number => names.filter((one) => one.kind === kind).length;
  return { added: count("added"), removed: count("removed"), changed: count("changed") };
};

/** Put together anew from its characters: a slice would keep the whole text of the graph in memory. */
const short = (redact: (text: string) => string, name: string): string => {
  const characters = Array.from(visible(redact(name.slice(0, LOOKED_AT))));
  const cut = characters.length > MAX_NAME || name.length > LOOKED_AT;
  return (cut ? [...characters.slice(0, MAX_NAME - 1), "…"] : characters).join("");
};
