import { dirname, join } from "node:path";
import { keyProblem } from "../../core/key.ts";
import type { Disk } from "./disk.ts";
import { errnoOf, unlessAbsent } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";
import { makeFolders } from "./make-folders.ts";
import { isTemporary } from "./temporary.ts";

/** `path` is the real path of the file; `refused` says why nothing may be read or written there. */
export type Way = { readonly kind: "absent" } | { readonly refused: string } | { readonly path: string };

const tell = async (disk: Disk, path: string): Promise<"absent" | "folder" | "file" | "link" | "other"> => {
  const stat = await unlessAbsent(() => disk.lstat(path));
  if (stat === undefined) return "absent";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isDirectory()) return "folder";
  return stat.isFile() ? "file" : "other";
};

const make = async (disk: Disk, sync: FolderSync, path: string): Promise<void> => {
  try {
    await disk.mkdir(path);
    await sync(dirname(path));
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw cause; // another writer of the same batch was first
  }
};

/** Goes down the folders of the way, one part at a time. */
const descend = async (disk: Disk, root: string, parts: readonly string[], making?: FolderSync): Promise<Way> => {
  let parent = root;
  for (const part of parts) {
    parent = join(parent, part);
    if (making !== undefined) await make(disk, making, parent);
    const found = await tell(disk, parent);
    if (found === "absent") return { kind: "absent" };
    if (found !== "folder") return { refused: `${parent} is ${found === "link" ? "a symbolic link" : "not a folder"}` };
  }
  const straight = parts.length === 0 || (await disk.realpath(parent)) === parent;
  return straight ? { path: parent } : { refused: `${parent} leads elsewhere` };
};

/**
 * The way from `folder` (itself as configured, links allowed) to `name` below it, one part at a time: a link on the way
 * would let a name from the bucket write outside the folder. Node has no openat(2), so the parts are looked at by
 * lstat(2), the last one is opened with O_NOFOLLOW, and the parent's real path is compared at the end.
 * With `making` (the sync for what is made), missing folders are made; without, they are `absent`. Throws errno errors.
 */
export const wayBelow = async (disk: Disk, folder: string, name: string, making?: FolderSync): Promise<Way> => {
  const problem = keyProblem(name);
  if (problem !== undefined) return { refused: `the name ${problem}` };
  const parts = name.split("/");
  if (parts.some(isTemporary)) return { refused: "the name is one that kgsync gives its temporary files" };
  if (making !== undefined) await makeFolders(disk, making, folder);
  const root = await unlessAbsent(() => disk.realpath(folder));
  if (root === undefined) return { kind: "absent" };
  const way = await descend(disk, root, parts.slice(0, -1), making);
  if (!("path" in way)) return way;
  const path = join(way.path, parts.at(-1) ?? "");
  const found = await tell(disk, path);
  if (found === "link") return { refused: `${path} is a symbolic link` };
  if (found === "folder" || found === "other") return { refused: `${path} is not a regular file` };
  return found === "absent" && making === undefined ? { kind: "absent" } : { path };
};
