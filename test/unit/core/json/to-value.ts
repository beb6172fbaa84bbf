import type { JsonNode } from "../../../../src/core/json/node.ts";

/** The value that JSON.parse would have given. Entries become own properties, `__proto__` too. */
export const toValue = (node: JsonNode): unknown => {
  switch (node.kind) {
    case "object":
      return Object.fromEntries([...node.entries].map(([name, value]) => [name, toValue(value)]));
    case "array":
      return node.items.map(toValue);
    case "number":
      return Number(node.text);
    default:
      return node.value;
  }
};

/** Each node of the tree, root first. */
export const allNodes = (node: JsonNode): readonly JsonNode[] => {
  if (node.kind === "object") return [node, ...[...node.entries.values()].flatMap(allNodes)];
  return node.kind === "array" ? [node, ...node.items.flatMap(allNodes)] : [node];
};
