import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import type { Stamp } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import type { FolderSync } from "./folder-sync.ts";
import { encodeJournal, journalName } from "./journal.ts";
import { makeFolders } from "./make-folders.ts";
import { readAt } from "./read-still.ts";
import { requireFile, stampOf } from "./stamp.ts";
import { writeAt, writeAtomic } from "./write-atomic.ts";

/** Flags for a file that is changed in place. */
export const IN_PLACE_FLAGS = constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Gives an open file new content, durable. What makes it longer goes first: a full disk then says so while nothing old is
 * overwritten. Never truncates first: a crash would leave an empty file, which an app takes for a fresh start.
 */
export const overwrite = async (handle: FileHandle, bytes: Uint8Array): Promise<void> => {
  const { size } = await handle.stat();
  if (bytes.length > size) await writeAt(handle, bytes.subarray(size), size);
  await writeAt(handle, bytes.subarray(0, Math.min(size, bytes.length)), 0);
  await handle.truncate(bytes.length);
  await handle.sync();
};

/** Puts the old content back after a failure in the middle; if even that fails the journal stays for `recover`. */
const undo = async (
  handle: FileHandle,
  old: Uint8Array,
  path: string,
  journal: string,
  why: unknown,
): Promise<void> => {
  try {
    await overwrite(handle, old);
  } catch (cause) {
    throw new KgsyncError(
      "disk",
      `${path} is half written and could not be put back; its old content is in ${journal}`,
      {
        cause: new AggregateError([why, cause]),
        hint: "Free space or repair the disk and start again: kgsync finishes or undoes the write before it reads the file.",
      },
    );
  }
};

/**
 * Replaces the content of a file that cannot be renamed over. The old and the new content and what is to be done lie
 * durable in the journal folder before the first byte is touched. Throws errno errors, and KgsyncError as `undo` says.
 */
export const writeInPlace = async (
  disk: Disk,
  sync: FolderSync,
  journalFolder: string,
  path: string,
  bytes: Uint8Array,
): Promise<Stamp> => {
  const handle = await disk.open(path, IN_PLACE_FLAGS);
  try {
    const before = await handle.stat({ bigint: true });
    requireFile(before, path);
    const old = await readAt(handle, 0, Number(before.size));
    const journal = join(journalFolder, journalName(path));
    await makeFolders(disk, sync, journalFolder);
    await writeAtomic(disk, sync, journal, encodeJournal(path, String(before.ino), old, bytes));
    try {
      await overwrite(handle, bytes);
    } catch (cause) {
      await undo(handle, old, path, journal, cause);
      await disk.unlink(journal);
      throw cause;
    }
    await disk.unlink(journal); // a journal left behind would one day undo a newer save: its removal may not fail silently
    await sync(journalFolder);
    return stampOf(await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
};
