import type { JsonNode } from "../json/node.ts";
import { layoutOf } from "./layout.ts";
import type { Source } from "./merge-types.ts";

/** How a document is written. `indent`: of one level, or `undefined` when all is on one line. */
export type Style = { readonly eol: string; readonly indent: string | undefined; readonly colon: string };

/** Go's `json.MarshalIndent`, for documents that show nothing. */
const DEFAULT: Style = { eol: "\n", indent: "  ", colon: ": " };

/** The style that the root shows, or `undefined` when it is empty. */
export const styleOf = ({ text, root }: Source): Style | undefined => {
  if (isBare(root)) return undefined;
  const { firstLead } = layoutOf(text, root);
  const eol = firstLead.includes("\r\n") ? "\r\n" : "\n";
  const colon = colonOf(text, root) ?? (firstLead === "" ? ":" : ": ");
  return {
    eol,
    indent: firstLead.includes("\n") ? firstLead.slice(firstLead.lastIndexOf("\n") + 1) : undefined,
    colon,
  };
};

/** Each record of JSON Lines is on one line, and the lines end as the first one does. */
export const lineStyleOf = ({ text, root }: Source): Style | undefined =>
  isBare(root)
    ? undefined
    : { eol: /\r?\n/.exec(text)?.[0] ?? "\n", indent: undefined, colon: colonOf(text, root) ?? ":" };

/** The winner's style, else the loser's. */
export const firstStyle = (winner: Style | undefined, loser: Style | undefined): Style => winner ?? loser ?? DEFAULT;

export const equalStyles = (a: Style, b: Style | undefined): boolean =>
  b !== undefined && a.eol === b.eol && a.indent === b.indent && a.colon === b.colon;

const isBare = (node: JsonNode): boolean =>
  node.kind === "object" ? node.entries.size === 0 : node.kind !== "array" || node.items.length === 0;

/** What stands between the first key and its value. */
const colonOf = (text: string, root: JsonNode): string | undefined => {
  let node: JsonNode | undefined = root;
  while (node?.kind === "array") node = node.items.find(({ kind }) => kind === "object" || kind === "array");
  return node?.kind === "object" && node.entries.size > 0 ? layoutOf(text, node).colon : undefined;
};
