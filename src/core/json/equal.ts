import { exactNumber } from "./exact-number.ts";
import type { JsonNode, JsonObject } from "./node.ts";

/** Equal by meaning: strings decoded, numbers as exact decimals, objects without order, arrays with order. */
export const equalJson = (a: JsonNode, b: JsonNode): boolean => {
  switch (a.kind) {
    case "object":
      return b.kind === "object" && equalObjects(a, b);
    case "array":
      return (
        b.kind === "array" && a.items.length === b.items.length && a.items.every((item, i) => equalAt(item, b.items[i]))
      );
    case "number":
      return b.kind === "number" && (a.text === b.text || exactNumber(a.text) === exactNumber(b.text));
    default:
      return a.kind === b.kind && a.value === b.value;
  }
};

const equalObjects = (a: JsonObject, b: JsonObject): boolean => {
  if (a.entries.size !== b.entries.size) return false;
  for (const [key, value] of a.entries) if (!equalAt(value, b.entries.get(key))) return false;
  return true;
};

const equalAt = (a: JsonNode, b: JsonNode | undefined): boolean => b !== undefined && equalJson(a, b);
