import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { ReadOutcome } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import { unlessAbsent } from "./disk-error.ts";
import { requireFile, sameContent, stampOf } from "./stamp.ts";

/** Enough to step over one save of the app; a file that moves longer is looked at again by the caller, later. */
const TRIES = 4;

/** O_NONBLOCK: opening a FIFO that somebody put there must not wait for a writer. */
export const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Exactly `length` bytes from `offset`, or fewer when the file ends before. `end`: where it should end by its stat; a read
 * that asks for more and stops just there has seen the end, and no other need find nothing. `bytes`: room for them.
 */
export const readAt = async (
  handle: FileHandle,
  offset: number,
  length: number,
  end?: number,
  bytes: Uint8Array = new Uint8Array(length),
): Promise<Uint8Array> => {
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    done += bytesRead;
    if (bytesRead === 0 || offset + done === end) break;
  }
  return bytes.subarray(0, done);
};

const readOnce = async (disk: Disk, path: string, follow: boolean): Promise<ReadOutcome> => {
  const flags = follow ? READ_FLAGS : READ_FLAGS | constants.O_NOFOLLOW;
  const handle = await unlessAbsent(() => disk.open(path, flags));
  if (handle === undefined) return { kind: "absent" };
  try {
    const first = await handle.stat({ bigint: true });
    requireFile(first, path);
    const before = stampOf(first);
    const bytes = await readAt(handle, 0, before.size + 1, before.size); // one more than there is: growth shows
    const after = stampOf(await handle.stat({ bigint: true }));
    // A file replaced by rename stands still under our descriptor for ever: the name must still mean it.
    const named = await unlessAbsent(() => (follow ? disk.stat : disk.lstat)(path, { bigint: true }));
    const still =
      bytes.length === before.size &&
      sameContent(before, after) &&
      named !== undefined &&
      sameContent(after, stampOf(named));
    return still ? { kind: "still", bytes, stamp: after } : { kind: "moving" };
  } finally {
    await handle.close();
  }
};

/**
 * The whole file through one descriptor, with stat before and after: a reader of a file that is truncated and rewritten
 * in place would else take an empty or half-written one for a save. Throws errno errors.
 */
export const readStill = async (disk: Disk, path: string, follow: boolean): Promise<ReadOutcome> => {
  for (let left = TRIES; left > 1; left -= 1) {
    const outcome = await readOnce(disk, path, follow);
    if (outcome.kind !== "moving") return outcome;
  }
  return readOnce(disk, path, follow);
};
