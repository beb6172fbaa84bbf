import type { JsonNode } from "../json/node.ts";
import { valueText } from "./value-text.ts";

/** A value and the text of its document. */
export type Spelt = { readonly text: string; readonly node: JsonNode };

/** How far two long values are compared, in characters. */
const FAR = 10_000;
/** What is left of the part that both have in common. */
const LEAD = 12;

/** Two values that differ, each on a line of at most `width` characters, and cut so that the first difference is to be seen. */
export const changeText = (from: Spelt, to: Spelt, width: number): readonly [string, string] => {
  const [before, after] = [valueText(from.text, from.node, FAR), valueText(to.text, to.node, FAR)];
  if (before.length <= width && after.length <= width) return [before, after];
  let common = 0;
  while (common < before.length && before[common] === after[common]) common++;
  // What fits is shown from its start.
  const start = common + LEAD < width ? 0 : common - LEAD;
  return [cut(before, start, width), cut(after, start, width)];
};

const cut = (text: string, start: number, width: number): string => {
  const head = start === 0 ? "" : "…";
  const rest = text.slice(start).replace(/^[\udc00-\udfff]/, "");
  const room = width - head.length;
  return head + (rest.length > room ? `${rest.slice(0, room - 1).replace(/[\ud800-\udbff]$/, "")}…` : rest);
};
