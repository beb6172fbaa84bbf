import type { Disk } from "./disk.ts";
import { unlessAbsent } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";
import { makeFolders } from "./make-folders.ts";

/** Does `work` with the real path of the folder, which is made if it is missing; `undefined` when it was removed meanwhile. */
export type SharedRoot = <T>(folder: string, work: (root: string | undefined) => Promise<T>) => Promise<T>;

type Held = { readonly root: Promise<string | undefined>; users: number };

/**
 * Looks once for all writes that overlap: what is true for the first of a hundred backups is not looked up again for each.
 * A write that begins when no other is under way looks anew. Throws errno errors.
 */
export const createSharedRoot = (disk: Disk, sync: FolderSync): SharedRoot => {
  const held = new Map<string, Held>();
  const find = async (folder: string): Promise<string | undefined> => {
    await makeFolders(disk, sync, folder);
    return unlessAbsent(() => disk.realpath(folder));
  };
  return async (folder, work) => {
    const mine = held.get(folder) ?? { root: find(folder), users: 0 };
    held.set(folder, mine);
    mine.users += 1;
    try {
      return await work(await mine.root);
    } finally {
      mine.users -= 1;
      if (mine.users === 0) held.delete(folder);
    }
  };
};
