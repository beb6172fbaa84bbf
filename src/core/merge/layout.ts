import type { JsonNode } from "../json/node.ts";

/** One member or element as it is written: what stands before it (from the bracket or the last value), and its key's text. */
export type Slot = { readonly lead: string; readonly key: string; readonly first: boolean };

/** The white space and punctuation of one container. */
export type Layout = {
  readonly firstLead: string;
  /** Before the second and later ones, with the comma; `undefined` when there is only one. */
  readonly nextLead: string | undefined;
  readonly colon: string | undefined;
  /** Before the closing bracket. */
  readonly close: string;
  /** By key in an object, by node in an array. */
  readonly slots: ReadonlyMap<string | JsonNode, Slot>;
};

const BEFORE_KEY = /[ \t\n\r,]*/y;
const SPACE_OR_COLON = new Set([" ", "\t", "\n", "\r", ":"]);

/** Reads how a container is written. It has no key twice, or ranges would be missing. */
export const layoutOf = (text: string, node: JsonNode): Layout => {
  const slots = new Map<string | JsonNode, Slot>();
  const leads: string[] = [];
  let colon: string | undefined;
  let at = node.start + 1;
  for (const [id, value] of childrenOf(node)) {
    const start = node.kind === "object" ? keyStart(text, at) : value.start;
    const end = node.kind === "object" ? keyEnd(text, value.start) : value.start;
    const lead = text.slice(at, start);
    if (leads.length < 2) leads.push(lead);
    if (node.kind === "object") colon ??= text.slice(end, value.start);
    slots.set(id, { lead, key: text.slice(start, end), first: slots.size === 0 });
    at = value.end;
  }
  return { firstLead: leads[0] ?? "", nextLead: leads[1], colon, close: text.slice(at, node.end - 1), slots };
};

const childrenOf = (node: JsonNode): Iterable<readonly [string | JsonNode, JsonNode]> => {
  if (node.kind === "object") return node.entries;
  return node.kind === "array" ? node.items.map((item) => [item, item] as const) : [];
};

const keyStart = (text: string, at: number): number => {
  BEFORE_KEY.lastIndex = at;
  BEFORE_KEY.test(text);
  return BEFORE_KEY.lastIndex;
};

const keyEnd = (text: string, valueStart: number): number => {
  let at = valueStart;
  while (SPACE_OR_COLON.has(text[at - 1] ?? "")) at--;
  return at;
};
