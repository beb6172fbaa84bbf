import { instantText } from "../../instant-text.ts";
import type { Sample } from "../chronicle.ts";
import { allOk, readyChecks } from "../probes.ts";
import type { View } from "../view.ts";
import { chart } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { STYLE } from "./style.ts";
import { changeTable, mergeTable, pushTable } from "./tables.ts";
import { verdict } from "./verdict.ts";
import { ago, bytesText, countText, plural, span } from "./words.ts";

/** How often a browser asks for it again, in seconds. */
const REFRESH_S = 15;

/**
 * The page for people: one document, without scripts, that loads nothing. `nonce` is what the Content-Security-Policy lets
 * the one style sheet in by.
 */
export const pageHtml = (view: View, nonce: string): string => {
  const { tone, title, words } = verdict(view);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_S}">
<title>${title} · kgsync</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header class="${tone}"><h1>${title}</h1><p>${words}</p>${since(view)}</header>
${conflictNotice(view)}
<section>${facts(view)}</section>
<section><div class="charts">${graphCharts(view)}</div></section>
<section><h2>Last pushes</h2>${pushTable(view)}</section>
<section><h2>Merges and conflicts</h2>${mergeTable(view)}</section>
<section><h2>Last changes of the graph</h2>${changeTable(view)}</section>
<footer>kgsync ${view.version}, Node ${view.node}. As of ${instantText(view.now).slice(11, 19)} UTC; asks again every ${REFRESH_S} s.</footer>
</body>
</html>
`.markup;
};

/** Since when it is as the verdict says. */
const since = ({ chronicle: { pushes, pull }, unsyncedSince, phase, phaseSince, now }: View): Html | undefined => {
  if (unsyncedSince !== undefined) return undefined; // the verdict says it
  if (phase !== "running") return html`<p class="soft">Since ${ago(phaseSince, now)}.</p>`;
  const last = pushes.findLast(({ result }) => result === "stored")?.at ?? pull?.at;
  return last === undefined ? undefined : html`<p class="soft">The last change came over ${ago(last, now)}.</p>`;
};

const conflictNotice = ({ chronicle: { conflicts, lastConflictAt, merges }, now }: View): Html | undefined => {
  if (lastConflictAt === undefined) return undefined;
  const key = merges.findLast((merge) => merge.key !== undefined)?.key;
  const record = key === undefined ? undefined : html` The last record is <code>${key}</code>.`;
  const gave = plural(conflicts, "value", "values");
  return html`<section class="notice warn"><h2>Conflicts</h2><p>Two writers changed the same: ${gave} gave way since this run began, the last ${ago(lastConflictAt, now)}. Nothing is lost: what gave way is recorded in the bucket.${record}</p></section>`;
};

const fact = (name: string, value: Html | string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const facts = (view: View): Html => {
  const { child } = view.chronicle;
  const app =
    child.since === undefined
      ? "not started yet"
      : html`${child.up ? "started" : "ended"} ${ago(child.since, view.now)}`;
  const checked = view.lastSafeAt === undefined ? "not yet" : ago(view.lastSafeAt, view.now);
  return html`<dl>${[
    fact("Bucket", html`<code>${view.bucket}</code>`),
    fact("App", app),
    fact("Ready", allOk(readyChecks(view)) ? "yes" : `no, kgsync is ${view.phase}`),
    fact("All seen in the bucket", checked),
    ...(view.lease === undefined ? [] : [fact("Lease", leaseWords(view.lease))]),
    fact("This run", span(Math.max(0, view.now - view.startedAt))),
  ]}</dl>`;
};

const leaseWords = ({ held, epoch, waitingFor }: NonNullable<View["lease"]>): string => {
  if (held) return `ours, epoch ${epoch}`;
  return waitingFor === undefined ? "not ours" : `held by ${waitingFor}`;
};

const graphCharts = ({ chronicle: { samples }, now }: View): readonly Html[] => {
  const one = (name: string, of: (sample: Sample) => number, text: (value: number) => string): Html => {
    const points = samples.map((sample) => ({ at: sample.at, value: of(sample) }));
    const [first, last] = [points[0], points.at(-1)];
    const shown = last === undefined ? "–" : text(last.value);
    const from =
      first === undefined ? undefined : html`<p class="soft">From ${text(first.value)}, ${ago(first.at, now)}.</p>`;
    return html`<div><div class="now"><h2>${name}</h2><b>${shown}</b></div>${chart(`${name} over time, now ${shown}`, points, now)}${from}</div>`;
  };
  return [
    one("Facts in the graph", ({ leaves }) => leaves, countText),
    one("Size of the graph", ({ bytes }) => bytes, bytesText),
  ];
};
