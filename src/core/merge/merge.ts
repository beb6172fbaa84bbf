import { mergeSources } from "./merge-sources.ts";
import type { MergeBase, MergeOptions, MergeOutcome, Side } from "./merge-types.ts";
import { readDocument } from "./read-document.ts";

/**
 * Three-way merge of two JSON documents: what each side changed since `base`, both kept; what both changed differently decided
 * by the policy, and the loser returned as a conflict, so that nothing is dropped in silence. Never throws. Where two of the
 * documents are the same bytes nothing is parsed: the third was found valid before, or `readDocument` finds it so.
 */
export const merge = (base: MergeBase, ours: Uint8Array, theirs: Uint8Array, options: MergeOptions): MergeOutcome => {
  const side = unchangedSide(base, ours, theirs);
  if (side !== undefined) return asIs(side, ours, theirs, { conflicts: [], warnings: [] });
  const read = (bytes: Uint8Array) => readDocument(bytes, options.format, options.maxBytes);
  const parsed = {
    base: base instanceof Uint8Array ? read(base) : undefined,
    ours: read(ours),
    theirs: read(theirs),
  };
  if (parsed.base?.ok === false) return { kind: "refused", why: `base: ${parsed.base.why}` };
  if (!parsed.ours.ok) return { kind: "refused", why: `ours: ${parsed.ours.why}` };
  if (!parsed.theirs.ok) return { kind: "refused", why: `theirs: ${parsed.theirs.why}` };
  const sources = { base: parsed.base?.source, ours: parsed.ours.source, theirs: parsed.theirs.source };
  const { result, ...told } = mergeSources(sources, base === undefined, options);
  if (result === "ours" || result === "theirs") return asIs(result, ours, theirs, told);
  const bytes = new TextEncoder().encode(result.text);
  return { kind: "merged", bytes, ...told, equalTo: undefined };
};

const asIs = (
  side: Side,
  ours: Uint8Array,
  theirs: Uint8Array,
  told: Pick<Extract<MergeOutcome, { kind: "merged" }>, "conflicts" | "warnings">,
): MergeOutcome => ({ kind: "merged", bytes: side === "ours" ? ours : theirs, ...told, equalTo: side });

/** `theirs` before `ours`: what the bucket holds already need not be put. */
const unchangedSide = (base: MergeBase, ours: Uint8Array, theirs: Uint8Array): Side | undefined => {
  if (equalBytes(ours, theirs)) return "theirs";
  if (!(base instanceof Uint8Array)) return undefined;
  if (equalBytes(ours, base)) return "theirs";
  return equalBytes(theirs, base) ? "ours" : undefined;
};

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
};
