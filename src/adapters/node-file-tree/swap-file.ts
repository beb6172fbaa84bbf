import type { Stamp, Swap } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import { errnoOf, onDisk, unlessAbsent } from "./disk-error.ts";
import { READ_FLAGS, readAt } from "./read-still.ts";
import { sameContent, stampOf } from "./stamp.ts";

/**
 * How a file looks that cannot be renamed over: it is a mount point (EBUSY, EXDEV), or only the file is writable and not its
 * folder, which belongs to root or to a read-only image (EACCES, EPERM, EROFS).
 */
export const ONLY_IN_PLACE: ReadonlySet<string | undefined> = new Set(["EBUSY", "EXDEV", "EACCES", "EPERM", "EROFS"]);

/**
 * Renames a new file over one that a program may be writing to. The old one is held open before the rename: a program that
 * opened it just before goes on writing into it, and its save would be gone with the last name. Throws errno errors.
 */
export const swapFile = async (
  disk: Disk,
  path: string,
  expected: Stamp,
  replace: () => Promise<unknown>,
): Promise<Swap> => {
  const old = await unlessAbsent(() => disk.open(path, READ_FLAGS));
  if (old === undefined) return "changed";
  const look = async (): Promise<Stamp> => stampOf(await old.stat({ bigint: true }));
  try {
    if (!sameContent(await look(), expected)) {
      await old.close();
      return "changed";
    }
    await replace();
  } catch (cause) {
    await old.close();
    if (ONLY_IN_PLACE.has(errnoOf(cause))) return "fixed";
    throw cause;
  }
  return {
    readOld: () =>
      onDisk("read", path, async () => {
        const before = await look();
        const bytes = await readAt(old, 0, before.size + 1);
        const after = await look();
        return bytes.length === before.size && sameContent(before, after)
          ? { kind: "still", bytes, stamp: after }
          : { kind: "moving" };
      }),
    close: () => old.close(),
  };
};
