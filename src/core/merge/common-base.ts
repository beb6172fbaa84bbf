import { canonicalText } from "../json/canonical-text.ts";
import { countLeaves } from "../json/count-leaves.ts";
import { equalJson } from "../json/equal.ts";
import type { JsonNode, JsonObject } from "../json/node.ts";
import { readDocument } from "./read-document.ts";

/** `index`: of the version it was taken from. */
export type CommonBase = { readonly base: Uint8Array; readonly index: number };

/**
 * A base for a document of unknown past: what it has in common with the one of the kept versions (newest first) that it has
 * most in common with. What others removed of that is seen as removed. What ours lacks, or has otherwise, is not in it: so a
 * wrong guess makes no removal of ours, and where ours and theirs differ nobody's value gives way without a record.
 */
export const commonBase = (versions: readonly Uint8Array[], ours: Uint8Array): CommonBase | undefined => {
  const mine = readDocument(ours);
  if (!mine.ok) return undefined;
  let best: { readonly index: number; readonly text: string; readonly leaves: number } | undefined;
  for (const [index, bytes] of versions.entries()) {
    const read = readDocument(bytes);
    const parts = read.ok ? commonParts(read.source.text, read.source.root, mine.source.root) : NOTHING;
    if (parts.text !== undefined && parts.leaves > (best?.leaves ?? 0))
      best = { index, text: parts.text, leaves: parts.leaves };
  }
  return best && { base: new TextEncoder().encode(best.text), index: best.index };
};

/** The text of what two values have in common, `undefined` where that is nothing, and how many facts it holds. */
type Parts = { readonly text: string | undefined; readonly leaves: number };

const NOTHING: Parts = { text: undefined, leaves: 0 };

const commonParts = (text: string, old: JsonNode, mine: JsonNode | undefined): Parts => {
  if (mine === undefined) return NOTHING;
  if (equalJson(old, mine)) return { text: text.slice(old.start, old.end), leaves: countLeaves(old) };
  if (old.kind === "object" && mine.kind === "object") return commonMembers(text, old, mine);
  if (old.kind === "array" && mine.kind === "array") return commonElements(text, old.items, mine.items);
  return NOTHING;
};

const commonMembers = (text: string, old: JsonObject, mine: JsonObject): Parts => {
  const out: string[] = [];
  let leaves = 0;
  for (const [name, value] of old.entries) {
    const parts = commonParts(text, value, mine.entries.get(name));
    if (parts.text === undefined) continue;
    out.push(`${JSON.stringify(name)}:${parts.text}`);
    leaves += parts.leaves;
  }
  return { text: `{${out.join(",")}}`, leaves };
};

/** As often as both have an element. */
const commonElements = (text: string, old: readonly JsonNode[], mine: readonly JsonNode[]): Parts => {
  const left = new Map<string, number>();
  for (const value of mine.map(canonicalText)) left.set(value, (left.get(value) ?? 0) + 1);
  const kept = old.filter((item) => {
    const value = canonicalText(item);
    const count = left.get(value) ?? 0;
    left.set(value, count - 1);
    return count > 0;
  });
  const leaves = kept.reduce((sum, item) => sum + countLeaves(item), 0);
  return { text: `[${kept.map(({ start, end }) => text.slice(start, end)).join(",")}]`, leaves };
};
