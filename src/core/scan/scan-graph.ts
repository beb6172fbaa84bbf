import { GENERIC_CLOCK_FIELDS, type ValidateMode } from "../graph.ts";
import { amadeus } from "../profiles/amadeus.ts";
import { createJsonScan, type JsonWatch, type ValueKind } from "./scan-json.ts";
import { createShapeWatch } from "./watch-shapes.ts";

/** A place in a document, in bytes. */
export type Range = { readonly start: number; readonly end: number };

/** What is kept of a graph that is too large to be kept. */
export type ScannedGraph = {
  readonly leaves: number;
  readonly clockFields: readonly string[];
  readonly app: string | undefined;
  /** Where the values of its clock fields stand. */
  readonly clocks: readonly Range[];
};

/** As `GraphCheck`, of a graph that went by. */
export type ScannedCheck =
  | { readonly kind: "valid"; readonly graph: ScannedGraph }
  | { readonly kind: "torn" | "invalid"; readonly why: string };

/** `feed` as a JsonScan's; `end` once, after the last piece. */
export type GraphScan = {
  readonly feed: (bytes: Uint8Array) => number;
  readonly end: (rest: number) => ScannedCheck;
};

/**
 * Looks at a graph as `checkGraph` does, without having it whole. Members that occur twice count twice, and the rules hold for
 * both. That the bytes are UTF-8 is the caller's to check.
 */
export const createGraphScan = (mode: ValidateMode): GraphScan => {
  const shapes = createShapeWatch(amadeus);
  const signature = new Set(amadeus.signature);
  const clocks: Range[] = [];
  let [depth, leaves, clockAt] = [0, 0, -1];
  let clockComes = false;
  let root: ValueKind | undefined;
  let started = false;
  let mark = false;

  const watch: JsonWatch = {
    key: (bytes, from, to, escaped) => {
      const known = shapes.key(bytes, from, to, escaped);
      if (known === undefined) return;
      signature.delete(known.name);
      clockComes = CLOCKS.has(known.name);
    },
    begin: (kind, offset) => {
      root ??= kind;
      depth++;
      if (depth === 2 && clockComes) clockAt = offset;
      shapes.begin(kind);
    },
    scalar: (kind, bytes, from, to, escaped) => {
      if (kind !== "null") leaves++;
      shapes.scalar(kind, bytes, from, to, escaped);
    },
    end: (offset, holds) => {
      if (depth === 2 && clockComes) {
        clocks.push({ start: clockAt, end: offset });
        clockComes = false;
      }
      depth--;
      if (holds) shapes.end();
    },
  };
  const scan = createJsonScan(watch);

  return {
    feed: (bytes) => {
      if (!started) {
        if (bytes[0] === 0xef && bytes.length < 3) return 0;
        started = true;
        mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      }
      return mark ? bytes.length : scan.feed(bytes);
    },
    end: (rest) => {
      if (mark) return { kind: "invalid", why: "it starts with a byte order mark" };
      const problem = scan.end(rest);
      if (problem !== undefined) return { kind: "torn", why: `it is not JSON: ${problem}` };
      if (root !== "object") return { kind: "invalid", why: "it is not a JSON object" };
      const isAmadeus = mode === "amadeus" || (mode === "auto" && signature.size === 0);
      const wrong = isAmadeus ? shapes.problem() : undefined;
      if (wrong !== undefined) return { kind: "invalid", why: `the app could not load it: ${wrong}` };
      const clockFields = isAmadeus ? amadeus.clockFields : GENERIC_CLOCK_FIELDS;
      return { kind: "valid", graph: { leaves, clockFields, app: isAmadeus ? amadeus.name : undefined, clocks } };
    },
  };
};

/** The same in every profile so far; which of them counts is known at the document's end only. */
const CLOCKS = new Set([...GENERIC_CLOCK_FIELDS, ...amadeus.clockFields]);
