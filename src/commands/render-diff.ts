import { changeText } from "../core/diff/change-text.ts";
import type { Change } from "../core/diff/list-changes.ts";
import { type Counts, type EntryChange, type SectionChange, totalCounts } from "../core/diff/outline.ts";
import { valueText, visible } from "../core/diff/value-text.ts";
import { countLeaves } from "../core/json/count-leaves.ts";
import type { JsonNode } from "../core/json/node.ts";
import type { Comparison } from "./compare-documents.ts";
import type { Paint } from "./use-colour.ts";

/** Of a value on a line. */
const WIDTH = 60;
const SIGNS = { added: "+", removed: "-", changed: "~", moved: "~" } as const;

/** A comparison for people: section by section, a line for each entry and each change in it. Ends with a newline. */
export const renderDiff = (comparison: Comparison, paint: Paint): string => {
  const { from, to, sections, clocks } = comparison;
  const also = clocks.length === 0 ? "" : ` (${clocks.join(", ")} ${clocks.length === 1 ? "differs" : "differ"})`;
  if (sections.length === 0) return `${from.document.name} and ${to.document.name} are equal${also}\n`;
  const show = (node: JsonNode | undefined, text: string): string => (node ? valueText(text, node, WIDTH) : "");
  const values: Values = {
    from: (node) => show(node, from.side.text),
    to: (node) => show(node, to.side.text),
    both: (before, after) =>
      before && after
        ? changeText({ text: from.side.text, node: before }, { text: to.side.text, node: after }, WIDTH).join(" → ")
        : "",
  };
  const lines = [
    paint.removed(`--- ${titleOf(from)}`),
    paint.added(`+++ ${titleOf(to)}`),
    ...sections.flatMap((section) => ["", ...sectionLines(section, values, paint)]),
    "",
    `${countText(totalCounts(sections))}${also}`,
  ];
  return `${lines.join("\n")}\n`;
};

const titleOf = ({ document: { name, place } }: Comparison["from"]): string =>
  visible(name === place || place.endsWith(`/${name}`) ? place : `${name}  ${place}`);

type Values = Readonly<Record<"from" | "to", (node: JsonNode | undefined) => string>> & {
  readonly both: (from: JsonNode | undefined, to: JsonNode | undefined) => string;
};

const countText = (counts: Counts): string =>
  (["added", "removed", "changed"] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind}`)
    .join(", ");

const sectionLines = ({ name, entries, counts }: SectionChange, values: Values, paint: Paint): readonly string[] => {
  const title = paint.bold(name === "" ? "the document" : stepText(name, 0));
  return [`${title}: ${countText(counts)}`, ...entries.flatMap((entry) => entryLines(entry, values, paint))];
};

const entryLines = ({ name, kind, changes }: EntryChange, values: Values, paint: Paint): readonly string[] => {
  if (name === "") return changes.map((change) => changeLine(change, 1, "  ", values, paint));
  const [only] = changes;
  if (only !== undefined && only.steps.length === 2) return [changeLine(only, 1, "  ", values, paint)];
  return [
    paint[kind](`  ${SIGNS[kind]} ${stepText(name, 0)}`),
    ...changes.map((change) => changeLine(change, 2, "      ", values, paint)),
  ];
};

/** `depth`: how many steps of the way stand above it already. */
const changeLine = (
  { kind, steps, from, to }: Change,
  depth: number,
  indent: string,
  values: Values,
  paint: Paint,
): string => {
  const way = (isOwnName(steps.at(-1), kind, to ?? from) ? steps.slice(depth, -1) : steps.slice(depth))
    .map(stepText)
    .join("");
  const colon = way === "" ? "" : ": ";
  const what = {
    added: () => brief(to, values.to),
    removed: () => brief(from, values.from),
    changed: () => values.both(from, to),
    moved: () => "in another order",
  }[kind]();
  return paint[kind === "moved" ? "changed" : kind](`${indent}${SIGNS[kind]} ${way}${colon}${what}`);
};

/** A text in a list is its own identity, and need not be said twice. */
const isOwnName = (last: string | undefined, kind: Change["kind"], node: JsonNode | undefined): boolean =>
  last?.startsWith("[") === true &&
  (kind === "added" || kind === "removed") &&
  node !== undefined &&
  node.kind !== "object" &&
  node.kind !== "array";

/** Whole records are counted, not shown: `--json` has them. */
const brief = (node: JsonNode | undefined, show: (node: JsonNode | undefined) => string): string => {
  if (node?.kind !== "object" || node.entries.size === 0) return show(node);
  const count = countLeaves(node);
  return `{…} ${count} ${count === 1 ? "value" : "values"}`;
};

/** One step of the way to a value: `.name`, `[identity]`, quoted where it could be taken for something else. */
const stepText = (step: string, index: number): string => {
  if (step.startsWith("[")) return visible(step);
  return `${index === 0 ? "" : "."}${/^[\w-]+$/.test(step) ? step : visible(JSON.stringify(step))}`;
};
