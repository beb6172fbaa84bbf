import { KgsyncError } from "../../core/errors.ts";
import { unless } from "./disk-error.ts";
import { wayIsThere } from "./folders.ts";
import { headNumber, readRecord } from "./head-version.ts";
import type { Place } from "./place.ts";
import { isPending, project } from "./project.ts";
import { type Stamp, sameStamp, stampOf } from "./stamp.ts";
import type { VersionRecord } from "./version-record.ts";

/** Where the content of a key lies now; `mode` is the file's permission bits. */
export type ContentFile = {
  readonly path: string;
  readonly stamp: Stamp;
  readonly mode: number;
  readonly mtimeMs: number;
};

/** `number` and `record` are the head's: 0 and undefined when this store never wrote the key. */
export type CurrentVersion = {
  readonly number: number;
  readonly record: VersionRecord | undefined;
  readonly file: ContentFile | undefined;
};

/** Each try again means that another writer got on. */
const TRIES = 100;

/** The file at the path when it is a regular one. Rejects for a symlink; a folder is no object. */
export const contentFile = async ({ disk }: Place, path: string): Promise<ContentFile | undefined> => {
  const found = await unless(["ENOENT", "ENOTDIR"], undefined, () => disk.lstat(path, { bigint: true }));
  if (found?.isSymbolicLink() === true) {
    throw new KgsyncError("bucket-denied", `${path} is a symbolic link`, {
      hint: "Put the file itself into the folder of the bucket.",
    });
  }
  if (found?.isFile() !== true) return undefined;
  return { path, stamp: stampOf(found), mode: Number(found.mode) & 0o777, mtimeMs: Number(found.mtimeMs) };
};

const look = async (place: Place, key: string): Promise<CurrentVersion | "again"> => {
  const number = await headNumber(place, key);
  const record = number === 0 ? undefined : await readRecord(place, place.version(key, number));
  if (number > 0 && record === undefined) return "again";
  const plain = await contentFile(place, place.plain(key));
  // The head's own file: this is one version, whatever is committed meanwhile.
  if (record?.content !== undefined && sameStamp(plain?.stamp, record.content.stamp)) {
    return { number, record, file: plain };
  }
  if (record !== undefined && (await isPending(place, record))) {
    const before = await contentFile(place, place.plain(key));
    const done = await unless(["EACCES", "EPERM", "EROFS"], "may not", () => project(place, record, before?.stamp));
    if (done !== "may not") return "again";
    // A reader that may not write: the version counts all the same, so take it from where it lies.
    if (record.content === undefined) return { number, record, file: undefined };
    const body = await contentFile(place, place.body(record.id));
    return body === undefined ? "again" : { number, record, file: body };
  }
  // Nothing is on its way, so what lies there was put there by somebody else: a foreign version on top of the head.
  // Looked at after the check above, and the head looked at once more: else it might be the file of the next version.
  const foreign = await contentFile(place, place.plain(key));
  return (await headNumber(place, key)) === number ? { number, record, file: foreign } : "again";
};

/**
 * The newest version of a key. Finishes what a crash left between commit and projection.
 * Rejects with system errors and KgsyncErrors, and with the abort's reason.
 */
export const currentVersion = async (place: Place, key: string, signal: AbortSignal): Promise<CurrentVersion> => {
  // An absent folder of the key says nothing about its versions: a crash may have come before it was made.
  await wayIsThere(place, key);
  for (let tries = 0; tries < TRIES; tries++) {
    signal.throwIfAborted();
    const found = await look(place, key);
    if (found !== "again") return found;
  }
  throw new KgsyncError("bucket-unavailable", `${place.plain(key)} is being rewritten without a pause`);
};
