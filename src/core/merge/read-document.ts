import { parseJson, parseJsonLines } from "../json/parse.ts";
import type { Source } from "./merge-types.ts";

/** V8 holds strings up to 512 Mi characters; three documents and the result have to fit. */
const MAX_BYTES = 256 * 1024 * 1024;

export type ReadDocument =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly why: string };

/**
 * Reads a document for a merge, or says why it must not be merged: nothing is guessed about bytes that are cut off, not UTF-8
 * (RFC 8259 §8.1: no byte order mark either), ambiguous (a key twice), nested too deep, or too large. Never throws.
 */
export const readDocument = (
  bytes: Uint8Array,
  format: "json" | "jsonl" = "json",
  maxBytes: number = MAX_BYTES,
): ReadDocument => {
  if (bytes.length > maxBytes) return { ok: false, why: `it is larger than ${maxBytes} bytes` };
  const text = decode(bytes);
  if (text === undefined) return { ok: false, why: "it is not UTF-8" };
  const parsed = format === "jsonl" ? parseJsonLines(text) : parseJson(text);
  if (!parsed.ok)
    return { ok: false, why: `it is not ${format}: ${parsed.problem.what} (at character ${parsed.problem.at})` };
  const [twice] = parsed.duplicates;
  if (twice !== undefined) return { ok: false, why: `the key ${JSON.stringify(twice)} is in one object twice` };
  return { ok: true, source: { text, root: parsed.root } };
};

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
