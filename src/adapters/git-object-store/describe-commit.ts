import { diffDocuments, readSide } from "../../core/diff/diff-documents.ts";
import { type EntryChange, outline, type SectionChange, totalCounts } from "../../core/diff/outline.ts";

/** What a commit does to one object. `before` and `after` are given where a document is compared by meaning. */
export type Step = {
  readonly key: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before?: Uint8Array | undefined;
  readonly after?: Uint8Array | undefined;
};

const MAX_SUBJECT = 72;
const MAX_LINES = 60;
const MAX_NAME = 100;
const SIGN = { added: "+", removed: "-", changed: "~" } as const;

/**
 * The message of a commit, by meaning: `kgsync: 2 services added, 1 pattern changed`, the names below it, and the trailers
 * (git-interpret-trailers(1)). Names are the app's: control characters are taken out, and there is a limit to each and to all.
 */
export const describeCommit = (steps: readonly Step[], trailers: ReadonlyMap<string, string>): string => {
  const documents = [...steps]
    .sort((a, b) => (isHidden(a) === isHidden(b) ? (a.key < b.key ? -1 : 1) : isHidden(a) ? 1 : -1))
    .map((step) => ({ step, sections: sectionsOf(step) }));
  const told = documents.every(({ step }) => isKept(step)) ? documents : documents.filter(({ step }) => !isKept(step));
  const parts = [
    ...told.flatMap(({ step, sections }) => (sections === undefined ? [] : [changesText(step.key, sections)])),
    ...countTexts(told.flatMap(({ step, sections }) => (sections === undefined ? [step] : []))),
  ];
  const lines = documents.flatMap(({ step, sections }) =>
    sections === undefined ? [`${SIGN[step.kind]} ${clean(step.key)}`] : [...documentLines(step.key, sections)],
  );
  const shown =
    lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more`] : lines;
  const notes = [...trailers].map(([name, value]) => `${name}: ${clean(value)}`);
  return [subjectOf(parts), shown.join("\n"), notes.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n")
    .concat("\n");
};

/** Our own books: they follow from the rest, and come last. */
const isHidden = ({ key }: Step): boolean => key.startsWith(".kgsync/");

/** What a put replaces is kept beside it: that goes without saying. */
const isKept = ({ key, kind }: Step): boolean => key.startsWith(".kgsync/versions/") && kind === "added";

const subjectOf = (parts: readonly string[]): string => {
  const whole = `kgsync: ${parts.join("; ")}`;
  return whole.length <= MAX_SUBJECT ? whole : `${whole.slice(0, MAX_SUBJECT - 1).replace(/[,;]?\s+\S*$/, "")} …`;
};

/** `undefined`: not a document that can be compared. */
const sectionsOf = ({ kind, before, after }: Step): readonly SectionChange[] | undefined => {
  if (kind !== "changed" || before === undefined || after === undefined) return undefined;
  const [from, to] = [readSide(before), readSide(after)];
  if (!from.ok || !to.ok) return undefined;
  return outline(diffDocuments(from.side, to.side, {}).difference);
};

const changesText = (key: string, sections: readonly SectionChange[]): string => {
  const texts = sections.flatMap((section) =>
    (["added", "removed", "changed"] as const).flatMap((kind) => {
      const count = section.counts[kind];
      if (count === 0) return [];
      const whole = section.entries.length === 1 && section.entries[0]?.name === "";
      return [whole ? `${clean(section.name)} ${kind}` : `${count} ${counted(clean(section.name), count)} ${kind}`];
    }),
  );
  if (texts.length === 0) return `${clean(key)} written anew`;
  const { added, removed, changed } = totalCounts(sections);
  // Too many sections for a line: their sum says more than the first few.
  if (texts.join(", ").length > MAX_SUBJECT - "kgsync: ".length)
    return Object.entries({ added, removed, changed })
      .flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]))
      .join(", ")
      .concat(` in ${clean(key)}`);
  return texts.join(", ");
};

/** Sections have plural names as a rule: `services`, `categories`. */
const counted = (name: string, count: number): string => {
  if (count !== 1) return name;
  return name.endsWith("ies") ? `${name.slice(0, -3)}y` : name.replace(/(?<!s)s$/, "");
};

const documentLines = (key: string, sections: readonly SectionChange[]): readonly string[] => [
  `~ ${clean(key)}`,
  ...sections.flatMap(({ name, entries }) => entries.map((entry) => `  ${SIGN[entry.kind]} ${entryText(name, entry)}`)),
];

const entryText = (section: string, { name }: EntryChange): string =>
  name === "" ? clean(section) : `${clean(section)}: ${clean(name)}`;

/** What lies beside the documents, by folder: a word for it, and what happened to how many. */
const countTexts = (steps: readonly Step[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const { key, kind } of steps) {
    const what = `${wordOf(key)} ${kind}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => {
    const [word = "", kind] = what.split(/ (?=[a-z]+$)/);
    return word.endsWith("s") ? `${count} ${counted(word, count)} ${kind}` : `${word} ${kind}`;
  });
};

const wordOf = (key: string): string => {
  const parts = key.split("/");
  if (parts.length === 1) return clean(key);
  const word = clean(parts[0] === ".kgsync" ? (parts[1] ?? "") : (parts[0] ?? ""));
  return word === "versions" ? "old versions" : word;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is taken out here
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

const clean = (name: string): string => {
  const text = name.replaceAll(CONTROL, " ").trim();
  return text.length > MAX_NAME ? `${text.slice(0, MAX_NAME - 1)}…` : text;
};
