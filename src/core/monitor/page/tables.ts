import type { Chronicle } from "../chronicle.ts";
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

/** The newest changes of the graph, by how many facts came and went. */
export const changeTable = ({ chronicle: { samples }, now }: View): Html => {
  const changes = samples.slice(1).map((sample, n) => ({ ...sample, before: samples[n]?.leaves ?? 0 }));
  return table(
    ["when", "facts"],
    newestFirst(changes)
      .slice(0, SHOWN)
      .map(
        ({ at, leaves, before }) =>
          html`<tr><td>${ago(at, now)}</td><td><b>${signed(leaves - before)}</b>, ${countText(leaves)} in all</td></tr>`,
      ),
    "The graph has not changed since this run began.",
  );
};

const SHOWN = 5;

const signed = (count: number): string =>
  count === 0 ? "other values" : count < 0 ? `−${countText(-count)}` : `+${countText(count)}`;
