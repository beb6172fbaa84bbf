import { constants } from "node:fs";
import { dirname, join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import { makeMissing } from "../node-file-tree/make-folders.ts";
import { unless } from "./disk-error.ts";
import { type Disk, HIDDEN, type Place } from "./place.ts";

const refused = (path: string, why: string): KgsyncError =>
  new KgsyncError("bucket-denied", `${path} ${why}`, {
    hint: "The folder of a file:// bucket must hold plain files and folders, no links on the way to them.",
  });

/** Some file systems (SMB, FUSE) cannot sync a folder and say so; they keep names in their own order. */
const NO_FOLDER_SYNC = ["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EISDIR"];

/** Makes the names in the folder durable. */
export const syncFolder = async (disk: Disk, path: string): Promise<void> => {
  const handle = await disk.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await unless(NO_FOLDER_SYNC, undefined, () => handle.sync());
  } finally {
    await handle.close();
  }
};

/**
 * Whether the folders from the root to the key's file are there. Rejects for a symlink among them: what it points to
 * is not in the bucket, and for keys that would lie in the store's own folder.
 */
export const wayIsThere = async ({ disk, root }: Place, key: string): Promise<boolean> => {
  const parts = key.split("/");
  if (parts[0] === HIDDEN) throw refused(join(root, key), "is the store's own");
  const top = await unless(["ENOENT"], undefined, () => disk.stat(root));
  if (top === undefined) return false;
  if (!top.isDirectory()) throw new KgsyncError("bucket-missing", `${root} is not a folder`);
  let path = root;
  for (const part of parts.slice(0, -1)) {
    path = join(path, part);
    const at = path;
    const found = await unless(["ENOENT"], undefined, () => disk.lstat(at));
    if (found?.isSymbolicLink() === true) throw refused(path, "is a symbolic link");
    if (found?.isDirectory() !== true) return false;
  }
  return true;
};

const makeOne = async (disk: Disk, path: string, mode: number): Promise<void> => {
  const made = await unless(["EEXIST"], "there", () => disk.mkdir(path, { mode }));
  if (made === "there") return;
  await disk.chmod(path, mode); // the umask must not lock out those whom the root lets in
  await syncFolder(disk, dirname(path));
};

/**
 * Makes the missing folders, each as open as the root, which is made (0700) when it is missing too.
 * Returns the path of the last, and the mode for files in it: as open as the root, execution apart.
 */
export const makeFolders = async (
  { disk, root }: Place,
  parts: readonly string[],
): Promise<{ readonly path: string; readonly mode: number }> => {
  if ((await unless(["ENOENT"], undefined, () => disk.stat(root))) === undefined) {
    const first = await makeMissing(disk, root, 0o700);
    for (let at = root; first !== undefined && at.length >= first.length; at = dirname(at)) {
      await syncFolder(disk, dirname(at));
    }
  }
  const rootMode = (await disk.stat(root)).mode & 0o7777;
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const at = path;
    const found = await unless(["ENOENT"], undefined, () => disk.lstat(at));
    if (found === undefined) await makeOne(disk, path, rootMode);
    else if (!found.isDirectory()) throw refused(path, "is not a folder");
  }
  return { path, mode: rootMode & 0o666 };
};
