import { dirname, join } from "node:path";
import type { FileTree, Stamp } from "../../ports/file-tree.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { errnoOf, onDisk, unlessAbsent } from "./disk-error.ts";
import { createFolderSync } from "./folder-sync.ts";
import { followLinks } from "./follow-links.ts";
import { makeFolders } from "./make-folders.ts";
import { openFile } from "./open-file.ts";
import { readStill } from "./read-still.ts";
import { scanFolder } from "./scan.ts";
import { createSharedRoot } from "./shared-root.ts";
import { requireFile, stampOf } from "./stamp.ts";
import { ONLY_IN_PLACE, swapFile } from "./swap-file.ts";
import { isTemporary } from "./temporary.ts";
import { wayBelow } from "./way-below.ts";
import { type Lasting, type Seen, writeAtomic } from "./write-atomic.ts";
import { writeInPlace } from "./write-in-place.ts";

export type NodeFileTreeOptions = {
  /** Where a write in place keeps its journal: in the state folder, which lives and dies with the data. */
  readonly journalFolder: string;
  readonly disk?: Disk;
};

/** Files on this machine's disks, by node:fs. */
export const createNodeFileTree = ({ journalFolder, disk = nodeDisk }: NodeFileTreeOptions): FileTree => {
  const sync = createFolderSync(disk);
  const withRoot = createSharedRoot(disk);
  const withMadeRoot = createSharedRoot(disk, sync);
  let inPlace: Promise<unknown> = Promise.resolve();

  const replace = async (path: string, bytes: Uint8Array, lasting?: Lasting, seen?: Seen): Promise<Stamp> => {
    try {
      return await writeAtomic(disk, sync, path, bytes, lasting, seen);
    } catch (cause) {
      const old = ONLY_IN_PLACE.has(errnoOf(cause)) ? await unlessAbsent(() => disk.lstat(path)) : undefined;
      if (old?.isFile() !== true) throw cause;
      const write = inPlace.then(() => writeInPlace(disk, sync, journalFolder, path, bytes)); // one at a time: one journal
      inPlace = write.catch(() => undefined);
      return await write;
    }
  };

  return {
    stat: (path) =>
      onDisk("look at", path, async () => {
        const stat = await unlessAbsent(() => disk.stat(path, { bigint: true }));
        if (stat !== undefined) requireFile(stat, path);
        return stat === undefined ? undefined : stampOf(stat);
      }),
    read: (path) => onDisk("read", path, () => readStill(disk, path, true)),
    write: (path, bytes, lasting) =>
      onDisk("write", path, async () => {
        const target = await followLinks(disk, path);
        await makeFolders(disk, sync, dirname(target));
        return replace(target, bytes, lasting);
      }),
    swap: (path, bytes, expected) =>
      onDisk("write", path, async () => {
        const target = await followLinks(disk, path);
        return swapFile(disk, target, expected, () => writeAtomic(disk, sync, target, bytes));
      }),
    createBelow: (folder, name, bytes) =>
      onDisk("write", join(folder, name), () =>
        withMadeRoot(folder, async (root) => {
          const way = await wayBelow(disk, root, name, sync);
          if ("path" in way)
            return way.old === undefined ? replace(way.path, bytes, "whole", { old: undefined }) : "exists";
          return { refused: "refused" in way ? way.refused : `${folder} was removed meanwhile` };
        }),
      ),
    readBelow: (folder, name) =>
      onDisk("read", join(folder, name), () =>
        withRoot(folder, async (root) => {
          const way = await wayBelow(disk, root, name);
          return "path" in way ? readStill(disk, way.path, false) : { kind: "absent" };
        }),
      ),
    open: (folder, name, stamp) => onDisk("read", join(folder, name), () => openFile(disk, folder, name, stamp)),
    scan: (folder, limit) => onDisk("list", folder, () => scanFolder(disk, folder, limit)),
    remove: (path) =>
      onDisk("remove", path, async () => {
        const gone = await unlessAbsent(async () => {
          await disk.unlink(path);
          return true;
        });
        if (gone === true) await sync(dirname(path));
      }),
    names: (folder) =>
      onDisk("list", folder, async () => {
        const names = (await unlessAbsent(() => disk.readdir(folder))) ?? [];
        return names.filter((name) => !isTemporary(name)).sort();
      }),
  };
};
