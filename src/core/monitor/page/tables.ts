import type { Chronicle } from "../chronicle.ts";
import type { ChangedSections, SectionLine } from "../graph-change.ts";
import type { View } from "../view.ts";
import { type Html, html } from "./html.ts";
import { ago, bytesText, countText, plural, took } from "./words.ts";

const newestFirst = <T>(list: readonly T[]): readonly T[] => [...list].reverse();

const table = (heads: readonly string[], rows: readonly Html[], none: string): Html =>
  rows.length === 0
    ? html`<p class="none">${none}</p>`
    : html`<table><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr>${rows}</table>`;

const PUSHED: Readonly<Record<Chronicle["pushes"][number]["result"], string>> = {
  stored: "stored",
  clean: "nothing new",
  waiting: "being written",
  held: "kept aside",
  failed: "did not get through",
};

export const pushTable = ({ chronicle: { pushes }, now }: View): Html =>
  table(
    ["when", "what"],
    newestFirst(pushes).map(({ at, result, bytes, ms, why }) => {
      const told = result === "stored" ? `${bytesText(bytes)} in ${took(ms)}` : why;
      return html`<tr><td>${ago(at, now)}</td><td><b>${PUSHED[result]}</b> ${told}</td></tr>`;
    }),
    "Nothing was pushed yet.",
  );

const MERGED: Readonly<Record<Chronicle["merges"][number]["result"], string>> = {
  merged: "merged",
  same: "the bucket had it all",
  refused: "not to be merged; ours is kept whole",
};

export const mergeTable = ({ chronicle: { merges }, now }: View): Html =>
  table(
    ["when", "what"],
    newestFirst(merges).map(({ at, result, conflicts, key }) => {
      const record = key === undefined ? undefined : html`: <code>${key}</code>`;
      const gave = conflicts === 0 ? undefined : html`, ${plural(conflicts, "value", "values")} gave way${record}`;
      return html`<tr><td>${ago(at, now)}</td><td><b>${MERGED[result]}</b>${gave}</td></tr>`;
    }),
    "Nobody else has written since this run began.",
  );

/** The newest changes of the graph: how many facts came and went, then section by section. */
export const changeTable = ({ changes, now }: View): Html =>
  table(
    ["when", "what"],
    newestFirst(changes).map(
      ({ at, before, leaves, sections }) =>
        html`<tr><td>${ago(at, now)}</td><td><b>${signed(leaves - before)}</b>, ${countText(leaves)} in all${sectionList(sections)}</td></tr>`,
    ),
    "None yet in this run; a change is told when its push has ended.",
  );

const signed = (count: number): string => {
  if (count === 0) return "as many facts";
  return `${count < 0 ? "−" : "+"}${plural(Math.abs(count), "fact", "facts")}`;
};

const sectionList = (sections: ChangedSections | undefined): Html | undefined => {
  if (sections === undefined) return undefined;
  const { list, more } = sections;
  const rest = more === 0 ? [] : [html`<li class="soft">and ${plural(more, "section", "sections")} more</li>`];
  return html`<ul>${[...list.map(sectionItem), ...rest]}</ul>`;
};

const KINDS = ["added", "removed", "changed"] as const;

const sectionItem = ({ name, counts, names }: SectionLine): Html => {
  const parts = KINDS.filter((kind) => counts[kind] > 0).map((kind) => {
    const shown = names.filter((one) => one.kind === kind);
    const listed = shown.map((one, n) => html`${n === 0 ? " " : ", "}<code>${one.name}</code>`);
    const rest = counts[kind] - shown.length;
    const more = names.length === 0 || rest === 0 ? undefined : html`${shown.length === 0 ? "" : ","} …`;
    // A section that differs as a whole has no entries to be counted.
    return html`<span class="${kind}">${names.length === 0 ? "" : `${countText(counts[kind])}\u00a0`}${kind}</span>${listed}${more}`;
  });
  return html`<li><b>${name}</b>: ${parts.map((part, n) => html`${n === 0 ? "" : "; "}${part}`)}</li>`;
};
