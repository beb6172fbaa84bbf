import { hash } from "node:crypto";

/** A write in place that has begun: enough to finish it, or to undo it. A part that is not whole is `undefined`. */
export type Journal = {
  readonly path: string;
  readonly inode: string;
  readonly old: Uint8Array | undefined;
  readonly fresh: Uint8Array | undefined;
};

/** How the names of journals end, in the journal folder. */
export const JOURNAL_SUFFIX = ".journal";

const FORMAT = 1;
const NEWLINE = 10;

/** The first 32 hexadecimal digits of a SHA-256: enough to tell a torn copy, or two paths, apart. */
export const shortHash = (data: string | Uint8Array): string => hash("sha256", data, "hex").slice(0, 32);

/** The journal's file name for a path: one path, one journal. */
export const journalName = (path: string): string => `${shortHash(path)}${JOURNAL_SUFFIX}`;

/**
 * One JSON line with sizes and hashes, the old content, the new content. One file and not three: it is there, whole, or it
 * is not, and no order of three fsyncs has to be right.
 */
export const encodeJournal = (path: string, inode: string, old: Uint8Array, fresh: Uint8Array): Uint8Array => {
  const part = (bytes: Uint8Array) => ({ size: bytes.length, hash: shortHash(bytes) });
  const head = JSON.stringify({ format: FORMAT, path, inode, old: part(old), fresh: part(fresh) });
  return Buffer.concat([Buffer.from(`${head}\n`), old, fresh]);
};

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;

const parseHead = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The journal, or `undefined` when its first line cannot be understood (damaged, or of a newer kgsync). */
export const decodeJournal = (bytes: Uint8Array): Journal | undefined => {
  const end = bytes.indexOf(NEWLINE);
  const head = parseHead(Buffer.from(bytes.subarray(0, Math.max(end, 0))).toString("utf8"));
  const path = field(head, "path");
  const inode = field(head, "inode");
  const oldSize = field(field(head, "old"), "size");
  const freshSize = field(field(head, "fresh"), "size");
  if (field(head, "format") !== FORMAT || typeof path !== "string" || typeof inode !== "string") return undefined;
  if (typeof oldSize !== "number" || typeof freshSize !== "number") return undefined;
  const part = (name: string, start: number, size: number): Uint8Array | undefined => {
    const content = bytes.subarray(start, start + size);
    return content.length === size && shortHash(content) === field(field(head, name), "hash") ? content : undefined;
  };
  const start = end + 1;
  return { path, inode, old: part("old", start, oldSize), fresh: part("fresh", start + oldSize, freshSize) };
};

/**
 * Whether bytes can be what a write in place left behind when it was cut off: at every position the old or the new byte,
 * and no longer than the longer of the two.
 */
export const isCutOff = (found: Uint8Array, old: Uint8Array, fresh: Uint8Array): boolean =>
  found.length <= Math.max(old.length, fresh.length) &&
  found.length >= Math.min(old.length, fresh.length) &&
  found.every((byte, at) => byte === old[at] || byte === fresh[at]);
