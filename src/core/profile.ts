import type { JsonNode, JsonObject } from "./json/node.ts";
import { isRfc3339 } from "./rfc3339.ts";

/** What a member of a document must be for the app to load it. `null` loads as "not there" in all of them. */
export type Shape = "text" | "object" | "texts" | "rfc3339" | { readonly mapOf: Readonly<Record<string, Shape>> };

/** All that kgsync knows of one app, as data. */
export type Profile = {
  readonly name: string;
  /** Root members that change with every save; a version that differs in nothing else is not a save. */
  readonly clockFields: readonly string[];
  /** Root members by which a graph of this app is known: all of them are there. */
  readonly signature: readonly string[];
  /** What the app insists on when it loads. A member that is not named may be anything. */
  readonly members: Readonly<Record<string, Shape>>;
  /** Where the user's own entries lie (JSON pointers, `*` for any one step): the app writes all that it has read there. */
  readonly records: readonly string[];
};

export const looksLike = (profile: Profile, root: JsonObject): boolean =>
  profile.signature.every((name) => root.entries.has(name));

/** The first thing that would make the app fail to load the document, in words, or `undefined`. */
export const profileProblem = (profile: Profile, root: JsonObject): string | undefined =>
  membersProblem(profile.members, root, "");

const membersProblem = (
  members: Readonly<Record<string, Shape>>,
  node: JsonObject,
  path: string,
): string | undefined => {
  for (const [name, member] of node.entries) {
    const shape = shapeOf(members, name);
    const problem = shape === undefined ? undefined : shapeProblem(shape, member, `${path}/${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** Go's decoder takes a member in any letter case, a long s for an s included (encoding/json `foldName`). */
export const shapeOf = (members: Readonly<Record<string, Shape>>, name: string): Shape | undefined => {
  const folded = name.replaceAll("\u017f", "s").toLowerCase();
  return Object.hasOwn(members, folded) ? members[folded] : undefined;
};

const isNull = (node: JsonNode): boolean => node.kind === "literal" && node.value === null;

const shapeProblem = (shape: Shape, node: JsonNode, path: string): string | undefined => {
  if (isNull(node)) return undefined;
  if (typeof shape === "object") return mapProblem(shape.mapOf, node, path);
  return fits(shape, node) ? undefined : `${path} is not ${WORDS[shape]}`;
};

const mapProblem = (record: Readonly<Record<string, Shape>>, node: JsonNode, path: string): string | undefined => {
  if (node.kind !== "object") return `${path} is not an object`;
  for (const [name, value] of node.entries) {
    if (isNull(value)) continue;
    const here = `${path}/${name}`;
    const problem = value.kind === "object" ? membersProblem(record, value, here) : `${here} is not an object`;
    if (problem !== undefined) return problem;
  }
  return undefined;
};

const WORDS = {
  text: "a text",
  object: "an object of finite numbers",
  texts: "a list of texts",
  rfc3339: "an RFC 3339 time",
} as const;

const fits = (shape: keyof typeof WORDS, node: JsonNode): boolean => {
  switch (shape) {
    case "text":
      return node.kind === "string";
    case "object":
      return node.kind === "object" && isFinite64(node);
    case "texts":
      return node.kind === "array" && node.items.every((item) => item.kind === "string" || isNull(item));
    case "rfc3339":
      return node.kind === "string" && isPlain(node) && isRfc3339(node.value);
  }
};

/** Go reads a time from the text as it stands, escapes and all. */
const isPlain = (node: Extract<JsonNode, { kind: "string" }>): boolean =>
  node.end - node.start === node.value.length + 2;

/** Go refuses to load a number that no float64 can hold. */
const isFinite64 = (node: JsonNode): boolean => {
  switch (node.kind) {
    case "number":
      return Number.isFinite(Number(node.text));
    case "array":
      return node.items.every(isFinite64);
    case "object":
      return [...node.entries.values()].every(isFinite64);
    default:
      return true;
  }
};
