import type { Disk } from "./disk.ts";
import { unlessAbsent } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";
import { makeFolders } from "./make-folders.ts";

/** Does `work` with the real path of the folder; `undefined` when it is absent, or was removed meanwhile. */
export type SharedRoot = <T>(folder: string, work: (root: string | undefined) => Promise<T>) => Promise<T>;

type Held = { readonly root: Promise<string | undefined>; users: number };

/**
 * Looks once for all reads or writes that overlap: what is true for the first of a hundred backups is not looked up again for each.
 * What begins when nothing else is under way looks anew. With `making` (the sync for what is made), a missing folder is made.
 * Throws errno errors.
 */
export const createSharedRoot = (disk: Disk, making?: FolderSync): SharedRoot => {
  const held = new Map<string, Held>();
  const find = async (folder: string): Promise<string | undefined> => {
    if (making !== undefined) await makeFolders(disk, making, folder);
    return unlessAbsent(() => disk.realpath(folder));
  };
  return async (folder, work) => {
    const mine = held.get(folder) ?? { root: find(folder), users: 0 };
    held.set(folder, mine);
    mine.users += 1;
    try {
      const root = await mine.root;
      return await work(root ?? (making === undefined ? await find(folder) : undefined)); // it may have been made since
    } finally {
      mine.users -= 1;
      if (mine.users === 0) held.delete(folder);
    }
  };
};
