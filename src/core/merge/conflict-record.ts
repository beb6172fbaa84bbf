import type { Conflict, MergePolicy } from "./merge-types.ts";

/** One document of a merge, as it can be found again. */
export type RecordedVersion = {
  readonly sha256: string;
  readonly key?: string | undefined;
  readonly etag?: string | undefined;
};

export type ConflictRecord = {
  /** RFC 3339; when the merge was made. It is in the body so that a retry makes no second record. */
  readonly time: string;
  readonly writer: string;
  readonly policy: MergePolicy;
  readonly base: RecordedVersion | undefined;
  readonly ours: RecordedVersion;
  readonly theirs: RecordedVersion;
  readonly result: RecordedVersion;
  readonly conflicts: readonly Conflict[];
  readonly warnings: readonly string[];
};

/** A newer format is read as far as it is understood. */
const FORMAT = 1;

/**
 * The whole record of a merge as JSON text with a newline at the end. Values of conflicts stand in it as they stood in the
 * documents, numbers in their own spelling; a value that was absent is left out.
 */
export const renderConflictRecord = (record: ConflictRecord): string => {
  const { time, writer, policy, base, ours, theirs, result, conflicts, warnings } = record;
  return `${object(0, [
    ["format", String(FORMAT)],
    ["kind", '"merge"'],
    ["time", JSON.stringify(time)],
    ["writer", JSON.stringify(writer)],
    ["policy", JSON.stringify(policy)],
    ["base", base && version(base)],
    ["ours", version(ours)],
    ["theirs", version(theirs)],
    ["result", version(result)],
    ["conflicts", list(1, conflicts.map(conflictText))],
    [
      "warnings",
      list(
        1,
        warnings.map((warning) => JSON.stringify(warning)),
      ),
    ],
  ])}\n`;
};

const version = ({ sha256, key, etag }: RecordedVersion): string =>
  object(1, [
    ["sha256", JSON.stringify(sha256)],
    ["key", key && JSON.stringify(key)],
    ["etag", etag && JSON.stringify(etag)],
  ]);

const conflictText = ({ pointer, kind, base, ours, theirs, chosen }: Conflict): string =>
  object(2, [
    ["pointer", JSON.stringify(pointer)],
    ["kind", JSON.stringify(kind)],
    ["chosen", JSON.stringify(chosen)],
    ["base", base],
    ["ours", ours],
    ["theirs", theirs],
  ]);

const object = (depth: number, members: readonly (readonly [string, string | undefined])[]): string =>
  block(
    "{",
    depth,
    members.flatMap(([name, text]) => (text === undefined ? [] : [`${JSON.stringify(name)}: ${text}`])),
    "}",
  );

const list = (depth: number, items: readonly string[]): string => block("[", depth, items, "]");

const block = (open: string, depth: number, parts: readonly string[], close: string): string => {
  if (parts.length === 0) return open + close;
  const space = `\n${"  ".repeat(depth + 1)}`;
  return `${open}${space}${parts.join(`,${space}`)}\n${"  ".repeat(depth)}${close}`;
};
