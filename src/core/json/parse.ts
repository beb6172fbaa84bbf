import { KgsyncError } from "../errors.ts";
import type { JsonNode, JsonParsed } from "./node.ts";
import { scanString } from "./scan-string.ts";

/** Deeper documents are refused: the recursion must not be able to end the process. Go's own limit is 10,000. */
const MAX_DEPTH = 1000;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = new Map<string, boolean | null>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

type Cursor = { readonly text: string; at: number; readonly duplicates: string[] };

/**
 * Parses one JSON text strictly (RFC 8259). Keys that occur twice in one object are named in `duplicates`, the last one
 * counts, as in Go and JavaScript. Never throws: `at` of a problem is an index into the text.
 */
export const parseJson = (text: string): JsonParsed =>
  parseWith(text, (cursor) => {
    const root = value(cursor, 0);
    skipSpace(cursor);
    if (cursor.at < text.length) refuse("text after the end of the document");
    return root;
  });

/**
 * Parses JSON Lines (jsonlines.org): one value on each line, empty lines skipped, no line at all allowed. The root is an array
 * that stands nowhere in the text: its range is the whole text.
 */
export const parseJsonLines = (text: string): JsonParsed =>
  parseWith(text, (cursor) => {
    const items: JsonNode[] = [];
    skipSpace(cursor);
    while (cursor.at < text.length) {
      const item = value(cursor, 1);
      if (text.slice(item.start, item.end).includes("\n")) refuse("a record goes on after the end of its line");
      items.push(item);
      const end = cursor.at;
      skipSpace(cursor);
      if (cursor.at < text.length && !text.slice(end, cursor.at).includes("\n"))
        refuse("a line holds more than a record");
    }
    return { kind: "array", items, start: 0, end: text.length };
  });

const parseWith = (text: string, read: (cursor: Cursor) => JsonNode): JsonParsed => {
  const cursor: Cursor = { text, at: 0, duplicates: [] };
  try {
    return { ok: true, root: read(cursor), duplicates: cursor.duplicates };
  } catch (thrown) {
    if (!(thrown instanceof KgsyncError)) throw thrown;
    return { ok: false, problem: { what: thrown.message, at: cursor.at } };
  }
};

const refuse = (what: string): never => {
  throw new KgsyncError("graph-invalid", what);
};

const skipSpace = (c: Cursor): void => {
  SPACE.lastIndex = c.at;
  SPACE.test(c.text);
  c.at = SPACE.lastIndex;
};

const value = (c: Cursor, depth: number): JsonNode => {
  if (depth > MAX_DEPTH) refuse(`nested deeper than ${MAX_DEPTH} levels`);
  skipSpace(c);
  switch (c.text[c.at]) {
    case undefined:
      return refuse("the document ends too early");
    case "{":
      return object(c, depth);
    case "[":
      return array(c, depth);
    case '"': {
      const start = c.at;
      return { kind: "string", value: string(c), start, end: c.at };
    }
    default:
      return scalar(c);
  }
};

const scalar = (c: Cursor): JsonNode => {
  const start = c.at;
  NUMBER.lastIndex = start;
  const number = NUMBER.exec(c.text);
  if (number !== null) {
    c.at += number[0].length;
    return { kind: "number", text: number[0], start, end: c.at };
  }
  for (const [word, literal] of LITERALS)
    if (c.text.startsWith(word, start)) {
      c.at += word.length;
      return { kind: "literal", value: literal, start, end: c.at };
    }
  return refuse("not a JSON value");
};

const string = (c: Cursor): string => {
  const scanned = scanString(c.text, c.at);
  c.at = scanned.end;
  return scanned.ok ? scanned.value : refuse(scanned.what);
};

const array = (c: Cursor, depth: number): JsonNode => {
  const start = c.at++;
  const items: JsonNode[] = [];
  skipSpace(c);
  if (c.text[c.at] === "]") c.at++;
  else
    do items.push(value(c, depth + 1));
    while (more(c, "]"));
  return { kind: "array", items, start, end: c.at };
};

const object = (c: Cursor, depth: number): JsonNode => {
  const start = c.at++;
  const entries = new Map<string, JsonNode>();
  skipSpace(c);
  if (c.text[c.at] === "}") c.at++;
  else
    do {
      skipSpace(c);
      if (c.text[c.at] !== '"') refuse("a key in double quotes is missing");
      const name = string(c);
      skipSpace(c);
      if (c.text[c.at] !== ":") refuse("`:` is missing after a key");
      c.at++;
      if (entries.has(name)) c.duplicates.push(name);
      entries.set(name, value(c, depth + 1));
    } while (more(c, "}"));
  return { kind: "object", entries, start, end: c.at };
};

/** After an element: consumes `,` (more follow) or the closing bracket. */
const more = (c: Cursor, close: string): boolean => {
  skipSpace(c);
  const next = c.text[c.at];
  if (next === undefined) return refuse("the document ends too early");
  if (next !== "," && next !== close) return refuse(`\`,\` or \`${close}\` is missing`);
  c.at++;
  return next === ",";
};
