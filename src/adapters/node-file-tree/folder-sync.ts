import { constants } from "node:fs";
import type { Disk } from "./disk.ts";
import { errnoOf } from "./disk-error.ts";

/** Makes the names in a folder durable. Throws errno errors. */
export type FolderSync = (folder: string) => Promise<void>;

/** Some mounts (FUSE, CIFS) have no fsync for folders, and a folder without read permission cannot be opened for it. */
const IMPOSSIBLE: ReadonlySet<string | undefined> = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EACCES", "EPERM"]);

const syncNow = async (disk: Disk, folder: string): Promise<void> => {
  try {
    const handle = await disk.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (!IMPOSSIBLE.has(errnoOf(cause))) throw cause;
  }
};

const ignore = (): void => undefined;

/**
 * A folder sync that many writers share: who comes while one runs waits for the next, which begins after its rename and so
 * covers it. A hundred files written side by side cost a few syncs of their folder, not a hundred.
 */
export const createFolderSync = (disk: Disk): FolderSync => {
  const running = new Map<string, Promise<void>>();
  const next = new Map<string, Promise<void>>();
  const start = (folder: string): Promise<void> => {
    next.delete(folder);
    const sync = syncNow(disk, folder).finally(() => running.delete(folder));
    running.set(folder, sync);
    return sync;
  };
  return (folder) => {
    const current = running.get(folder);
    if (current === undefined) return start(folder);
    const waiting = next.get(folder) ?? current.then(ignore, ignore).then(() => start(folder));
    next.set(folder, waiting);
    return waiting;
  };
};
