import type { FileMode } from "./document.ts";
import { checkGraph, type Graph, type GraphCheck } from "./graph.ts";
import { countLeaves } from "./json/count-leaves.ts";
import type { JsonNode } from "./json/node.ts";
import { readDocument } from "./merge/read-document.ts";
import type { Digest } from "./version.ts";

type Hash = (bytes: Uint8Array) => Digest;

/**
 * Looks at bytes as a document of this mode. `merge-json`: an object or a list in UTF-8 (any other value could be the first half
 * of a longer one). `merge-jsonl`: one value on each line, no line at all too. `replace`: anything; its facts are its bytes, and
 * it is equal to another by digest.
 */
export const checkDocument = (bytes: Uint8Array, mode: FileMode, hash: Hash): GraphCheck => {
  switch (mode) {
    case "merge-json":
      return checkJson(bytes);
    case "merge-jsonl":
      return checkLines(bytes);
    case "replace":
      return { kind: "valid", graph: opaque(bytes, hash) };
  }
};

const checkJson = (bytes: Uint8Array): GraphCheck => {
  const check = checkGraph(bytes, "json");
  if (check.kind !== "invalid") return check;
  const read = readDocument(bytes);
  return read.ok && read.source.root.kind === "array" ? valid(read.source.root) : check;
};

const checkLines = (bytes: Uint8Array): GraphCheck => {
  const read = readDocument(bytes, "jsonl");
  return read.ok ? valid(read.source.root) : { kind: "torn", why: read.why };
};

const valid = (root: JsonNode): GraphCheck => ({ kind: "valid", graph: { ...PLAIN, root, leaves: countLeaves(root) } });

const PLAIN: Pick<Graph, "clockFields" | "app"> = { clockFields: [], app: undefined };

const opaque = (bytes: Uint8Array, hash: Hash): Graph => ({
  ...PLAIN,
  root: { kind: "string", value: hash(bytes), start: 0, end: 0 },
  leaves: bytes.length,
});
