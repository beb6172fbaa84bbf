import { countLeaves } from "./json/count-leaves.ts";
import { equalJson } from "./json/equal.ts";
import type { JsonNode, JsonObject } from "./json/node.ts";
import { parseJson } from "./json/parse.ts";
import { looksLike, type Profile, profileProblem } from "./profile.ts";
import { amadeus } from "./profiles/amadeus.ts";

/** `auto`: by content. `json`: any JSON object. `amadeus`: that app's rules whatever the graph looks like. */
export type ValidateMode = "auto" | "json" | "amadeus";

/** A graph that was looked into: whole, valid, and ready to be compared by meaning. */
export type Graph = {
  readonly root: JsonNode;
  readonly leaves: number;
  readonly clockFields: readonly string[];
  /** The app that made it, as far as it is known: `amadeus`. */
  readonly app: string | undefined;
};

/**
 * `torn`: nothing that a finished save leaves (empty, cut off, not JSON). `invalid`: whole, but the app could not load it.
 * Neither is ever uploaded over a valid graph, and no child is started on one.
 */
export type GraphCheck =
  | { readonly kind: "valid"; readonly graph: Graph }
  | { readonly kind: "torn" | "invalid"; readonly why: string };

/** Root members that change with every save in graphs of no known app. */
export const GENERIC_CLOCK_FIELDS = ["last_updated"];

/** Looks at bytes as a graph: UTF-8 without BOM (RFC 8259 §8.1), one JSON object, loadable by the app it looks made by. */
export const checkGraph = (bytes: Uint8Array, mode: ValidateMode): GraphCheck => {
  if (bytes.length === 0) return { kind: "torn", why: "it is empty" };
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { kind: "invalid", why: "it starts with a byte order mark" };
  const text = decodeUtf8(bytes);
  if (text === undefined) return { kind: "torn", why: "it is not UTF-8" };
  const parsed = parseJson(text);
  if (!parsed.ok)
    return { kind: "torn", why: `it is not JSON: ${parsed.problem.what} (at character ${parsed.problem.at})` };
  return checkRoot(parsed.root, mode);
};

const checkRoot = (root: JsonNode, mode: ValidateMode): GraphCheck => {
  if (root.kind !== "object") return { kind: "invalid", why: "it is not a JSON object" };
  const profile = profileFor(root, mode);
  const problem = profile === undefined ? undefined : profileProblem(profile, root);
  if (problem !== undefined) return { kind: "invalid", why: `the app could not load it: ${problem}` };
  return {
    kind: "valid",
    graph: {
      root,
      leaves: countLeaves(root),
      clockFields: profile?.clockFields ?? GENERIC_CLOCK_FIELDS,
      app: profile?.name,
    },
  };
};

const profileFor = (root: JsonObject, mode: ValidateMode): Profile | undefined =>
  mode === "amadeus" || (mode === "auto" && looksLike(amadeus, root)) ? amadeus : undefined;

const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Equal but for the clock fields: the difference between two such versions is not a save (PROTOCOL: "What counts as a save"). */
export const sameMeaning = (a: Graph, b: Graph): boolean => equalJson(withoutClocks(a), withoutClocks(b));

const withoutClocks = (graph: Graph): JsonNode => {
  if (graph.root.kind !== "object") return graph.root;
  const entries = new Map(graph.root.entries);
  for (const name of graph.clockFields) entries.delete(name);
  return { ...graph.root, entries };
};
