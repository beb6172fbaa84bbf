import { type Html, html } from "./html.ts";

export type Point = { readonly at: number; readonly value: number };

const WIDTH = 600;
const HEIGHT = 100;
const MARGIN = 6;

/** A value over time as a stepped line to `now`: it holds until the next one. Only attributes, so that no style is needed. */
export const chart = (label: string, points: readonly Point[], now: number): Html => {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return html`<p class="none">Nothing was looked into yet.</p>`;
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number): number => ((at - first.at) / Math.max(1, now - first.at)) * WIDTH;
  const y = (value: number): number =>
    low === high ? HEIGHT / 2 : HEIGHT - MARGIN - ((value - low) / (high - low)) * (HEIGHT - 2 * MARGIN);
  const short = (length: number): number => Math.round(length * 10) / 10;
  const line = points
    .slice(1)
    .map(({ at, value }) => `H${short(x(at))}V${short(y(value))}`)
    .join("");
  const path = `M0 ${short(y(first.value))}${line}H${WIDTH}`;
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><path class="area" d="${path}V${HEIGHT}H0Z"/><path class="line" d="${path}"/></svg>`;
};
