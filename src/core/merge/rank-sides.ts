import { compareInstants } from "../instant.ts";
import { compareJson } from "../json/compare.ts";
import type { JsonNode } from "../json/node.ts";
import { CLOCK_FIELDS } from "../profiles/merge-defaults.ts";
import type { MergeOptions, Side, Source } from "./merge-types.ts";

/**
 * Which side wins where both changed one thing, the same on every machine. `newest`: the later of the latest clock fields at
 * the roots, which is in the result too, so that merging it again with either side decides the same. `tie`: no clock decides,
 * or one side has none; then the larger document lends its formatting, and each conflict is decided by its values.
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

/** By the latest of their own clock fields at the root: above 0 if the first is later; 0 also where one has none. */
const compareClocks = (ours: JsonNode, theirs: JsonNode, fields: readonly string[]): number => {
  const [a, b] = [latestClock(ours, fields), latestClock(theirs, fields)];
  return a === undefined || b === undefined ? 0 : (compareInstants(a, b) ?? 0);
};

const latestClock = (root: JsonNode, fields: readonly string[]): string | undefined => {
  let latest: string | undefined;
  for (const field of fields) {
    const node = root.kind === "object" ? root.entries.get(field) : undefined;
    if (node?.kind !== "string") continue;
    const order = compareInstants(node.value, latest ?? node.value);
    if (order !== undefined && (latest === undefined || order > 0)) latest = node.value;
  }
  return latest;
};

const compareWhole = (a: Source, b: Source): number =>
  compareJson(a.root, b.root) || Number(a.text > b.text) - Number(a.text < b.text);
