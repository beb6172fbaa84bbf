import type { Key } from "./key.ts";

/** How the versions of one file come together: by its JSON value, by the JSON value of each line, or not at all. */
export type FileMode = "merge-json" | "merge-jsonl" | "replace";

/** The same, or a folder of files that are only ever added. */
export type DocumentMode = FileMode | "immutable-set";

/** One of the documents beside the graph, as the settings name it. */
export type IncludedDocument = {
  /** Where it is in the bucket; people call it by this name too. */
  readonly name: Key;
  /** On disk. */
  readonly path: string;
  readonly mode: DocumentMode;
};

/** Records of one line each have this ending by custom (jsonlines.org, ndjson). */
export const modeByName = (path: string): FileMode => (/\.(?:jsonl|ndjson)$/.test(path) ? "merge-jsonl" : "merge-json");

const TYPES: Readonly<Record<FileMode, string>> = {
  "merge-json": "application/json",
  "merge-jsonl": "application/jsonl",
  replace: "application/octet-stream",
};

/** The Content-Type of a whole document. */
export const contentTypeOf = (mode: FileMode): string => TYPES[mode];

/** How a merge reads a document; one of bytes is never read. */
export const mergeFormatOf = (mode: FileMode): "json" | "jsonl" => (mode === "merge-jsonl" ? "jsonl" : "json");
