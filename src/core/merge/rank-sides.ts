import { compareInstants } from "../instant.ts";
import { compareJson } from "../json/compare.ts";
import type { JsonNode } from "../json/node.ts";
import { CLOCK_FIELDS } from "../profiles/merge-defaults.ts";
import type { MergeOptions, Side, Source } from "./merge-types.ts";

/**
 * Which side wins where both changed one thing, the same on every machine. `newest`: the later clock field at the root; a
 * document without one is the older. `tie`: no clock decides; then the larger document lends its formatting, and each conflict
 * is decided by its values (so that merging the result again with either side decides the same).
 */
export const rankSides = (
  ours: Source,
  theirs: Source,
  { policy, clockFields = CLOCK_FIELDS }: MergeOptions,
): { readonly winner: Side; readonly tie: boolean } => {
  if (policy !== "newest") return { winner: policy, tie: false };
  const order = compareClocks(ours.root, theirs.root, clockFields);
  if (order !== 0) return { winner: order > 0 ? "ours" : "theirs", tie: false };
  return { winner: compareWhole(ours, theirs) >= 0 ? "ours" : "theirs", tie: true };
};

const compareClocks = (ours: JsonNode, theirs: JsonNode, fields: readonly string[]): number => {
  for (const field of fields) {
    const [a, b] = [clockText(ours, field), clockText(theirs, field)];
    if (a === undefined && b === undefined) continue;
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    return compareInstants(a, b) ?? 0;
  }
  return 0;
};

const clockText = (root: JsonNode, field: string): string | undefined => {
  const node = root.kind === "object" ? root.entries.get(field) : undefined;
  return node?.kind === "string" && compareInstants(node.value, node.value) === 0 ? node.value : undefined;
};

const compareWhole = (a: Source, b: Source): number =>
  compareJson(a.root, b.root) || Number(a.text > b.text) - Number(a.text < b.text);
