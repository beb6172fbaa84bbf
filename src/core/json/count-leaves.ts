import type { JsonNode } from "./node.ts";

/** How many facts a document holds: its scalars, `null` and empty containers not counted. The guard compares this number. */
export const countLeaves = (node: JsonNode): number => {
  switch (node.kind) {
    case "object": {
      let sum = 0;
      for (const value of node.entries.values()) sum += countLeaves(value);
      return sum;
    }
    case "array":
      return node.items.reduce((sum, item) => sum + countLeaves(item), 0);
    case "literal":
      return node.value === null ? 0 : 1;
    default:
      return 1;
  }
};
