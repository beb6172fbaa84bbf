import { dirname } from "node:path";
import type { Disk } from "./disk.ts";
import type { FolderSync } from "./folder-sync.ts";

/** Makes the folder and what is missing above it, and makes their names durable. Throws errno errors. */
export const makeFolders = async (disk: Disk, sync: FolderSync, folder: string): Promise<void> => {
  const first = await disk.mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // A file in a folder whose own name is not on disk yet is gone after a power failure.
  const top = dirname(first);
  for (let path = dirname(folder); path.length >= top.length; path = dirname(path)) {
    await sync(path);
    if (path === dirname(path)) break;
  }
};
