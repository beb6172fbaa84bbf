import type { JsonNode } from "../json/node.ts";
import { layoutOf } from "./layout.ts";
import type { Style } from "./style.ts";

/** Writes a value in another style than its document's. Texts and numbers keep their spelling: only white space changes. */
export const respell = (style: Style, text: string, node: JsonNode, depth: number, out: string[]): void => {
  if (node.kind !== "object" && node.kind !== "array") {
    out.push(text.slice(node.start, node.end));
    return;
  }
  const [open, close] = node.kind === "object" ? "{}" : "[]";
  const { slots } = layoutOf(text, node);
  const comma = commaOf(style);
  const space = (levels: number): string =>
    style.indent === undefined ? "" : style.eol + style.indent.repeat(depth + levels);
  out.push(open ?? "");
  for (const [id, { key, first }] of slots) {
    out.push(first ? "" : comma, space(1));
    const value = typeof id !== "string" ? id : node.kind === "object" ? node.entries.get(id) : undefined;
    if (typeof id === "string") out.push(key, style.colon);
    if (value !== undefined) respell(style, text, value, depth + 1, out);
  }
  out.push(slots.size > 0 ? space(0) : "", close ?? "");
};

const commaOf = ({ indent, colon }: Style): string => (indent === undefined && colon !== ":" ? ", " : ",");
