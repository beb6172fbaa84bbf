import { parseConflictName } from "../core/conflict-name.ts";
import { KgsyncError } from "../core/errors.ts";
import { type Key, parseKey } from "../core/key.ts";
import type { Digest } from "../core/version.ts";
import type { Io } from "./io.ts";
import { placeOf } from "./keys.ts";
import { listVersions } from "./list-versions.ts";

/** A document that a person named, as it stands. */
export type FoundDocument = {
  /** As it can be named again: `local`, `bucket`, a key, or a path. */
  readonly name: string;
  /** Where it lies, for messages. */
  readonly place: string;
  readonly bytes: Uint8Array;
  readonly sha256: Digest;
};

export type Searching = Pick<Io, "store" | "files" | "paths" | "sha256" | "document">;

const HINT = "`kgsync log` has the names of versions, backups and conflicts; `local` and `bucket` are the two graphs.";

/**
 * The document that a word names. In this order: `local` and `bucket`; a path that starts with `/`, `./` or `../`; a version by
 * the first digits of its SHA-256, at least four; a backup, which is a file or a folder with the graph in it; a document in
 * `conflicts/`; any other path. `path`: the word as an absolute path. Rejects with `usage` when there is none, or more than one.
 */
export const findDocument = async (
  io: Searching,
  word: string,
  path: string,
  signal: AbortSignal,
): Promise<FoundDocument> => {
  const found = await look(io, word, path, signal);
  if (found !== undefined) return found;
  const where = word === "local" ? io.paths.graph : word === "bucket" ? io.store.name : undefined;
  const message =
    where === undefined
      ? `there is no ${JSON.stringify(word)}, neither in ${io.store.name} nor on disk`
      : `there is no graph yet: ${where}`;
  throw new KgsyncError("usage", message, { hint: HINT });
};

const look = async (
  io: Searching,
  word: string,
  path: string,
  signal: AbortSignal,
): Promise<FoundDocument | undefined> => {
  if (word === "local") return onDisk(io, word, io.paths.graph);
  if (word === "bucket") return stored(io, io.document.key, word, signal);
  if (/^\.{0,2}\//.test(word)) return onDisk(io, word, path);
  return (await inBucket(io, word, signal)) ?? (await onDisk(io, word, path));
};

const onDisk = async ({ files, sha256 }: Searching, name: string, path: string): Promise<FoundDocument | undefined> => {
  const read = await files.read(path);
  if (read.kind === "still") return { name, place: path, bytes: read.bytes, sha256: sha256(read.bytes) };
  if (read.kind === "absent") return undefined;
  throw new KgsyncError("local-busy", `${path} is being written just now`, { hint: "Try again in a moment." });
};

const stored = async (
  io: Searching,
  key: Key,
  name: string,
  signal: AbortSignal,
): Promise<FoundDocument | undefined> => {
  const object = await io.store.get(key, signal);
  return object && { name, place: placeOf(io, key), bytes: object.body, sha256: io.sha256(object.body) };
};

const inBucket = async (io: Searching, word: string, signal: AbortSignal): Promise<FoundDocument | undefined> => {
  const { backups, conflicts, versions, key: document } = io.document;
  const name = withoutPrefix(word, { backups, conflicts, versions });
  const version = /^[0-9a-f]{4,64}$/.test(name) ? await keyOfVersion(io, name, signal) : undefined;
  const conflict = parseConflictName(`${name}.json`);
  if (conflict?.kind === "resolved") return undefined;
  const keys =
    conflict === undefined
      ? [version, `${backups}${name}`, `${backups}${name}/${document}`]
      : [`${conflicts}${name}.json`];
  for (const text of keys) {
    const key = text === undefined ? undefined : parseKey(text);
    const found = key === undefined ? undefined : await stored(io, key, key, signal);
    if (found === undefined) continue;
    if (conflict?.kind !== "record") return found;
    throw new KgsyncError("usage", `${name} is a record, not a graph`, {
      hint: `See \`kgsync conflicts show ${name}\`. The versions that gave way lie beside it: ${name}.ours, ${name}.theirs.`,
    });
  }
  return undefined;
};

/** A whole key is understood too, as the log prints them. */
const withoutPrefix = (
  word: string,
  { backups, conflicts, versions }: Pick<Io["document"], "backups" | "conflicts" | "versions">,
): string => {
  const apart = [conflicts, versions].find((prefix) => word.startsWith(prefix) && word.endsWith(".json"));
  if (apart !== undefined) return word.slice(apart.length, -".json".length);
  return word.startsWith(backups) ? word.slice(backups.length) : word;
};

const keyOfVersion = async (io: Searching, digits: string, signal: AbortSignal): Promise<string | undefined> => {
  const [first, ...others] = await listVersions(io, digits.slice(0, 16), signal);
  if (others.length > 0)
    throw new KgsyncError("usage", `${digits} is the start of ${others.length + 1} versions`, { hint: HINT });
  return first && `${io.document.versions}${first.name}.json`;
};
