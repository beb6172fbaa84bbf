import { dirname } from "node:path";
import type { Disk } from "./disk.ts";
import { errnoOf } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";

const DEFAULT_MODE = 0o777; // less the umask

/**
 * Makes the folder and what is missing above it; answers the topmost that was made, or `undefined`. Throws errno errors.
 * Not by Node's own `recursive`: that never returns where mkdir(2) answers ENOENT although the parent is there (/proc).
 */
export const makeMissing = async (
  disk: Pick<Disk, "mkdir">,
  folder: string,
  mode = DEFAULT_MODE,
): Promise<string | undefined> => {
  try {
    await disk.mkdir(folder, { mode });
    return folder;
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return undefined;
    if (errnoOf(cause) !== "ENOENT" || folder === dirname(folder)) throw cause;
  }
  const above = await makeMissing(disk, dirname(folder), mode);
  try {
    await disk.mkdir(folder, { mode });
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw cause; // somebody else made it meanwhile
  }
  return above ?? folder;
};

/** The same, and makes their names durable: a file in a folder whose own name is not on disk is gone after a power failure. */
export const makeFolders = async (disk: Disk, sync: FolderSync, folder: string): Promise<void> => {
  const first = await makeMissing(disk, folder);
  if (first === undefined) return;
  const top = dirname(first);
  for (let path = dirname(folder); path.length >= top.length; path = dirname(path)) {
    await sync(path);
    if (path === dirname(path)) break;
  }
};
