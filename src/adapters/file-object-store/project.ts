import { dirname, join } from "node:path";
import { unless } from "./disk-error.ts";
import { makeFolders, syncFolder } from "./folders.ts";
import type { Place } from "./place.ts";
import { type Stamp, sameStamp } from "./stamp.ts";
import type { VersionRecord } from "./version-record.ts";

/** Whether a committed version still waits to become the plain file: its body lies where it was staged. */
export const isPending = async ({ disk, body }: Place, record: VersionRecord): Promise<boolean> =>
  (await unless(["ENOENT", "ENOTDIR"], undefined, () => disk.lstat(body(record.id)))) !== undefined;

/**
 * Ends a write: its folder is renamed away in one step, and only then emptied. A paused process that still means to
 * move something in or out of it then finds no such path, and cannot undo what has been written since.
 */
export const retire = async ({ disk, write }: Place, id: string): Promise<void> => {
  const gone = `${write(id)}.gone`;
  await unless(["ENOENT"], undefined, () => disk.rename(write(id), gone));
  await disk.rm(gone, { recursive: true, force: true });
};

const put = async (place: Place, { id, key }: VersionRecord): Promise<void> => {
  const { path: folder } = await makeFolders(place, key.split("/").slice(0, -1));
  // ENOENT: another process did it; the name of the body is this version's alone, so it can only be done once.
  await unless(["ENOENT"], undefined, () => place.disk.rename(place.body(id), place.plain(key)));
  await syncFolder(place.disk, folder);
};

const remove = async (place: Place, { id, key }: VersionRecord): Promise<void> => {
  // Moved into the write's folder, not unlinked: after a pause the folder is gone, and a newer file stays.
  const moved = await unless(["ENOENT"], "absent", () =>
    place.disk.rename(place.plain(key), join(place.write(id), "removed")),
  );
  if (moved !== "absent") await syncFolder(place.disk, dirname(place.plain(key)));
};

/**
 * Makes a committed version the plain file, in one rename. `plain` is what lies there now.
 * `foreign`: somebody put another file there since; that one stays, as the version after this one, and this one's
 * content is dropped: its writer must be told to read again.
 */
export const project = async (
  place: Place,
  record: VersionRecord,
  plain: Stamp | undefined,
): Promise<"projected" | "foreign"> => {
  const mine = plain === undefined || sameStamp(plain, record.replaces);
  if (mine) await (record.content === undefined ? remove(place, record) : put(place, record));
  await retire(place, record.id);
  return mine || sameStamp(plain, record.content?.stamp) ? "projected" : "foreign";
};
