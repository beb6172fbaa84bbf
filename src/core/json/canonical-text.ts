import { exactNumber } from "./exact-number.ts";
import type { JsonNode } from "./node.ts";

const PLAIN_INTEGER = /^-?[1-9][0-9]*$/;

/**
 * One text for all spellings of a value: keys sorted, strings escaped one way, numbers as exact decimals, no white space. Equal
 * texts mean equal values and the other way round. It is made to be compared, not to be read by a parser.
 */
export const canonicalText = (node: JsonNode): string => {
  switch (node.kind) {
    case "object": {
      const members = [...node.entries].map(([name, value]) => `${JSON.stringify(name)}:${canonicalText(value)}`);
      return `{${members.sort().join(",")}}`;
    }
    case "array":
      return `[${node.items.map(canonicalText).join(",")}]`;
    case "number":
      return canonicalNumber(node.text);
    default:
      return JSON.stringify(node.value);
  }
};

/** Most numbers are short integers that are spelt one way already. */
const canonicalNumber = (text: string): string =>
  PLAIN_INTEGER.test(text) && !text.endsWith("0") ? `${text}e0` : exactNumber(text);
