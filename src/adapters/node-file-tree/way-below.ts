import type { BigIntStats } from "node:fs";
import { dirname, join } from "node:path";
import { keyProblem } from "../../core/key.ts";
import type { Disk } from "./disk.ts";
import { errnoOf, unlessAbsent } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";
import { isTemporary } from "./temporary.ts";

/** `path` is the real path of the file, `old` what lies there; `refused` says why nothing may be read or written there. */
export type Way =
  | { readonly kind: "absent" }
  | { readonly refused: string }
  | { readonly path: string; readonly old: BigIntStats | undefined };

const kindOf = (stat: BigIntStats | undefined): "absent" | "folder" | "file" | "link" | "other" => {
  if (stat === undefined) return "absent";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isDirectory()) return "folder";
  return stat.isFile() ? "file" : "other";
};

const look = (disk: Disk, path: string): Promise<BigIntStats | undefined> =>
  unlessAbsent(() => disk.lstat(path, { bigint: true }));

const make = async (disk: Disk, sync: FolderSync, path: string): Promise<void> => {
  try {
    await disk.mkdir(path);
    await sync(dirname(path));
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") throw cause; // another writer of the same batch was first
  }
};

/** Goes down the folders of the way, one part at a time. */
const descend = async (
  disk: Disk,
  root: string,
  parts: readonly string[],
  making?: FolderSync,
): Promise<Exclude<Way, { path: string }> | { readonly parent: string }> => {
  let parent = root;
  for (const part of parts) {
    parent = join(parent, part);
    if (making !== undefined) await make(disk, making, parent);
    const found = kindOf(await look(disk, parent));
    if (found === "absent") return { kind: "absent" };
    if (found !== "folder") return { refused: `${parent} is ${found === "link" ? "a symbolic link" : "not a folder"}` };
  }
  const straight = parts.length === 0 || (await disk.realpath(parent)) === parent;
  return straight ? { parent } : { refused: `${parent} leads elsewhere` };
};

/**
 * The way from `root` (the real path of the folder as configured) to `name` below it, one part at a time: a link on the way
 * would let a name from the bucket write outside the folder. Node has no openat(2), so the parts are looked at by
 * lstat(2), the last one is opened with O_NOFOLLOW, and the parent's real path is compared at the end.
 * With `making` (the sync for what is made), missing folders are made; without, they are `absent`. Throws errno errors.
 */
export const wayBelow = async (
  disk: Disk,
  root: string | undefined,
  name: string,
  making?: FolderSync,
): Promise<Way> => {
  const problem = keyProblem(name);
  if (problem !== undefined) return { refused: `the name ${problem}` };
  const parts = name.split("/");
  if (parts.some(isTemporary)) return { refused: "the name is one that kgsync gives its temporary files" };
  if (root === undefined) return { kind: "absent" };
  const way = await descend(disk, root, parts.slice(0, -1), making);
  if (!("parent" in way)) return way;
  const path = join(way.parent, parts.at(-1) ?? "");
  const old = await look(disk, path);
  const found = kindOf(old);
  if (found === "link") return { refused: `${path} is a symbolic link` };
  if (found === "folder" || found === "other") return { refused: `${path} is not a regular file` };
  return found === "absent" && making === undefined ? { kind: "absent" } : { path, old };
};
