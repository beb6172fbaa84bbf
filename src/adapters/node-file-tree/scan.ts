import { constants, type Dirent } from "node:fs";
import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import { keyProblem } from "../../core/key.ts";
import type { FoundFile, Scan } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import { errnoOf, unlessAbsent } from "./disk-error.ts";
import { stampOf } from "./stamp.ts";
import { isTemporary } from "./temporary.ts";

type Seen =
  | { readonly file: FoundFile }
  | { readonly folder: string }
  | { readonly skipped: string; readonly why: string };

/** The root of an ext4 volume has this folder, for root only: it may not stop a scan of the volume. */
const LOST_AND_FOUND = "lost+found";

const describe = (entry: Dirent): string | undefined => {
  if (entry.isSymbolicLink()) return "is a symbolic link";
  if (entry.isSocket()) return "is a socket";
  if (entry.isFIFO()) return "is a pipe";
  if (entry.isBlockDevice() || entry.isCharacterDevice()) return "is a device";
  return undefined;
};

const lookAtFile = async (disk: Disk, path: string, name: string): Promise<Seen | undefined> => {
  const stat = await unlessAbsent(() => disk.lstat(path, { bigint: true }));
  // The system's name that is no UTF-8 comes to us with U+FFFD in it, and is then not found.
  if (stat === undefined) return name.includes("\ufffd") ? { skipped: name, why: "the name is not UTF-8" } : undefined;
  if (stat.isDirectory()) return { folder: name };
  if (!stat.isFile()) return { skipped: name, why: "is not a regular file" };
  try {
    await disk.access(path, constants.R_OK);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    return { skipped: name, why: "may not be read" };
  }
  return { file: { name, stamp: stampOf(stat) } };
};

const look = async (disk: Disk, root: string, entry: Dirent, name: string): Promise<Seen | undefined> => {
  if (isTemporary(entry.name)) return undefined;
  const problem = keyProblem(name);
  if (problem !== undefined) return { skipped: name, why: `the name ${problem}` };
  const special = describe(entry);
  if (special !== undefined) return { skipped: name, why: special };
  return entry.isDirectory() ? { folder: name } : lookAtFile(disk, join(root, name), name);
};

const list = async (disk: Disk, root: string, below: string): Promise<readonly Dirent[] | "unreadable" | undefined> => {
  try {
    return await unlessAbsent(() => disk.readdir(join(root, below), { withFileTypes: true }));
  } catch (cause) {
    if (below === LOST_AND_FOUND && errnoOf(cause) === "EACCES") return "unreadable";
    throw cause;
  }
};

/** What is under way takes memory, and Node's threads for the disk are four. */
const AT_ONCE = 64;

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

const tooMany = (root: string, limit: number): KgsyncError =>
  new KgsyncError("config-invalid", `${root} holds more than ${limit} files`, {
    hint: "Check that the folder is the one that is meant; move what does not belong there elsewhere.",
  });

/**
 * Walks the folder, sorted by name, never through a link, and stops at `limit` entries: a mistyped folder (`/`) may not keep
 * the start waiting. Throws errno errors and KgsyncError `config-invalid`.
 */
export const scanFolder = async (disk: Disk, root: string, limit: number): Promise<Scan> => {
  const files: FoundFile[] = [];
  const skipped: { name: string; why: string }[] = [];
  const folders: string[] = [];
  const add = (seen: Seen | undefined): void => {
    if (seen === undefined) return;
    if ("file" in seen) files.push(seen.file);
    else if ("folder" in seen) folders.push(seen.folder);
    else skipped.push({ name: seen.skipped, why: seen.why });
  };
  const walk = async (below: string): Promise<"absent" | "walked"> => {
    const entries = await list(disk, root, below);
    if (entries === undefined) return "absent"; // below the top it vanished meanwhile, which is no error
    if (entries === "unreadable") add({ skipped: below, why: "may not be read" });
    if (entries === "unreadable") return "walked";
    if (files.length + skipped.length + folders.length + entries.length > limit) throw tooMany(root, limit);
    const nameOf = (entry: Dirent): string => (below === "" ? entry.name : `${below}/${entry.name}`);
    for (let at = 0; at < entries.length; at += AT_ONCE) {
      const some = entries.slice(at, at + AT_ONCE);
      for (const seen of await Promise.all(some.map((entry) => look(disk, root, entry, nameOf(entry))))) add(seen);
    }
    return "walked";
  };
  if ((await walk("")) === "absent") return { kind: "absent" };
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) await walk(below);
  return { kind: "found", files: files.sort(byName), skipped: skipped.sort(byName) };
};
