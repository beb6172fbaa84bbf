import { exactNumber } from "./exact-number.ts";
import type { JsonNode, JsonObject } from "./node.ts";

const RANK = { literal: 0, number: 1, string: 2, array: 3, object: 4 } as const;

/**
 * A total order of values that is the same on every machine, whatever their spelling: kinds first, then member by member in
 * the order of the sorted keys, element by element, texts by UTF-16 code units. 0 just for values that are equal by meaning.
 */
export const compareJson = (a: JsonNode, b: JsonNode): number => {
  if (a.kind === "object" && b.kind === "object") return compareObjects(a, b);
  if (a.kind === "array" && b.kind === "array") return compareLists(a.items, b.items, compareJson);
  if (a.kind !== b.kind) return RANK[a.kind] - RANK[b.kind];
  return compareTexts(scalarText(a), scalarText(b));
};

const scalarText = (node: JsonNode): string => {
  if (node.kind === "number") return exactNumber(node.text);
  return node.kind === "string" || node.kind === "literal" ? String(node.value) : "";
};

const compareObjects = (a: JsonObject, b: JsonObject): number =>
  compareLists(sortedMembers(a), sortedMembers(b), (x, y) => compareTexts(x[0], y[0]) || compareJson(x[1], y[1]));

const sortedMembers = ({ entries }: JsonObject): readonly (readonly [string, JsonNode])[] =>
  [...entries].sort(([a], [b]) => compareTexts(a, b));

/** The first difference decides, else the longer list is the larger one. */
const compareLists = <T>(a: readonly T[], b: readonly T[], compare: (x: T, y: T) => number): number => {
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compare(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
};

const compareTexts = (a: string, b: string): number => Number(a > b) - Number(a < b);
