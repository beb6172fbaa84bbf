import { checkGraph } from "../graph.ts";
import type { JsonNode } from "../json/node.ts";
import { parseJson } from "../json/parse.ts";
import { readDocument } from "../merge/read-document.ts";
import { shortDigest } from "../metadata.ts";
import type { Digest } from "../version.ts";
import { type DiffOptions, diffValues } from "./diff-values.ts";
import type { Difference } from "./difference.ts";

/** A document to be compared: its text, its value, and the root members that change with every save. */
export type DiffSide = { readonly text: string; readonly root: JsonNode; readonly clockFields: readonly string[] };

export type ReadSide = { readonly ok: true; readonly side: DiffSide } | { readonly ok: false; readonly why: string };

export type DocumentDiff = {
  /** `undefined`: equal by meaning. */
  readonly difference: Difference | undefined;
  /** Clock fields that differ: alone they make no difference. */
  readonly clocks: readonly string[];
};

/** Reads a document for a comparison: any JSON in UTF-8, or one on each line, also one that the app could not load. Never throws. */
export const readSide = (bytes: Uint8Array, mode: "merge-json" | "merge-jsonl" = "merge-json"): ReadSide => {
  if (mode === "merge-jsonl") return readLines(bytes);
  const check = checkGraph(bytes, "auto");
  if (check.kind === "torn") return { ok: false, why: check.why };
  const text = new TextDecoder().decode(bytes);
  const parsed = parseJson(text);
  if (!parsed.ok) return { ok: false, why: `it is not JSON: ${parsed.problem.what}` };
  const clockFields = check.kind === "valid" ? check.graph.clockFields : ["last_updated"];
  return { ok: true, side: { text, root: parsed.root, clockFields } };
};

const readLines = (bytes: Uint8Array): ReadSide => {
  const read = readDocument(bytes, "jsonl");
  return read.ok ? { ok: true, side: { ...read.source, clockFields: [] } } : read;
};

/** Of bytes only the size and the digest can be compared. */
export const opaqueSide = ({ length }: Uint8Array, sha256: Digest): ReadSide => {
  const value = `${length} bytes, SHA-256 ${shortDigest(sha256)}`;
  const text = JSON.stringify(value);
  return { ok: true, side: { text, root: { kind: "string", value, start: 0, end: text.length }, clockFields: [] } };
};

/** What `to` has otherwise than `from`, the clock fields of both told apart from the rest. */
export const diffDocuments = (from: DiffSide, to: DiffSide, options: DiffOptions): DocumentDiff => {
  const difference = diffValues(from.root, to.root, options);
  if (difference?.kind !== "members") return { difference, clocks: [] };
  const isClock = (name: string): boolean => from.clockFields.includes(name) || to.clockFields.includes(name);
  const members = new Map([...difference.members].filter(([name]) => !isClock(name)));
  return {
    difference: members.size === 0 ? undefined : { kind: "members", members },
    clocks: [...difference.members.keys()].filter(isClock),
  };
};
