import { canonicalText } from "../../../../src/core/json/canonical-text.ts";
import type { JsonNode } from "../../../../src/core/json/node.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import type { Conflict } from "../../../../src/core/merge/merge-types.ts";

/**
 * All that a document says, as a set: for each scalar its path and value, for each container and `null` its path. Places in
 * lists do not count (`*`), and neither do keys that look like one.
 */
export const factsOf = (text: string, prefix = ""): ReadonlySet<string> => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem.what}`);
  const facts = new Set<string>();
  walk(parsed.root, prefix, facts);
  return facts;
};

const step = (token: string): string =>
  `/${/^\d+$/.test(token) ? "*" : token.replaceAll("~", "~0").replaceAll("/", "~1")}`;

const walk = (node: JsonNode, path: string, facts: Set<string>): void => {
  facts.add(path);
  if (node.kind === "object") for (const [key, value] of node.entries) walk(value, path + step(key), facts);
  else if (node.kind === "array") for (const item of node.items) walk(item, `${path}/*`, facts);
  else if (node.kind !== "literal" || node.value !== null) facts.add(`${path}=${canonicalText(node)}`);
};

/** What is kept in the records of conflicts, of one side. */
export const recordedFacts = (conflicts: readonly Conflict[], side: "base" | "ours" | "theirs"): ReadonlySet<string> =>
  new Set(
    conflicts.flatMap((conflict) => {
      const prefix = conflict.pointer.replaceAll(/\/\d+(?=\/|$)/g, "/*");
      const raw = conflict[side];
      return raw === undefined ? [] : [...factsOf(raw, prefix)];
    }),
  );
