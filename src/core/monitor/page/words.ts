import { instantText } from "../../instant-text.ts";
import { type Html, html } from "./html.ts";

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** Between a number and its unit: a line does not end there. */
const NB = "\u00a0";

/** A duration as people say it: its largest unit, and above a minute the next one too. */
export const span = (ms: number): string => {
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[at] ?? ["s", 1000];
  const whole = Math.floor(ms / size);
  const next = at < 0 ? undefined : UNITS[at + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[1]);
  const text = `${whole}${NB}${unit}`;
  return rest === 0 || next === undefined ? text : `${text} ${rest}${NB}${next[0]}`;
};

/** The same of work, where a part of a second counts. */
export const took = (ms: number): string => (ms < 1000 ? `${Math.round(ms)}${NB}ms` : span(ms));

/** A moment, by how long ago it was; the whole time is in the title, for who hovers. */
export const ago = (at: number, now: number): Html => {
  const text = instantText(at);
  return html`<time datetime="${text}" title="${text}">${span(Math.max(0, now - at))} ago</time>`;
};

/** Bytes in the binary units of IEC 80000-13. */
export const bytesText = (bytes: number): string => {
  if (bytes < 1024) return `${bytes}${NB}B`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(1)}${NB}KiB` : `${(bytes / 1_048_576).toFixed(1)}${NB}MiB`;
};

/** A number in groups of three, which a narrow no-break space keeps together. */
export const countText = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, "\u202f");

export const plural = (count: number, one: string, many: string): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
