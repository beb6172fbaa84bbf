import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Stamp } from "../../ports/file-tree.ts";
import type { LargeFile } from "../../ports/large-files.ts";
import type { Disk } from "../node-file-tree/disk.ts";
import { errnoError, unlessAbsent } from "../node-file-tree/disk-error.ts";
import type { FolderSync } from "../node-file-tree/folder-sync.ts";
import { followLinks } from "../node-file-tree/follow-links.ts";
import { makeFolders } from "../node-file-tree/make-folders.ts";
import { stampOf } from "../node-file-tree/stamp.ts";
import { temporaryName } from "../node-file-tree/temporary.ts";
import { keepModeAndOwner } from "../node-file-tree/write-atomic.ts";
import { requireStill } from "./read-large.ts";

const NEW_MODE = 0o600;
/** FICLONE shares the blocks where the file system can (XFS, Btrfs): no byte is copied until one of the two is written to. */
const HOW = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

/** See `LargeFiles.copy`. Throws errno errors; on any failure the old file is as it was. */
export const copyLarge = async (disk: Disk, sync: FolderSync, from: LargeFile, to: string): Promise<Stamp> => {
  const target = await followLinks(disk, to);
  await makeFolders(disk, sync, dirname(target));
  const old = await unlessAbsent(() => disk.lstat(target, { bigint: true }));
  if (old?.isDirectory() === true) throw errnoError("EISDIR", target);
  const temporary = join(dirname(target), temporaryName());
  try {
    await disk.copyFile(from.path, temporary, HOW);
    requireStill(stampOf(await disk.stat(from.path, { bigint: true })), from);
    const handle = await disk.open(temporary, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      await handle.chmod(NEW_MODE);
      if (old !== undefined) await keepModeAndOwner(handle, old);
      await handle.sync();
      await disk.rename(temporary, target);
      await sync(dirname(target));
      return stampOf(await handle.stat({ bigint: true }));
    } finally {
      await handle.close();
    }
  } catch (cause) {
    await disk.unlink(temporary).catch(() => undefined);
    throw cause;
  }
};
