import { type ETag, etag } from "../../core/version.ts";
import { isSidecarPath, sidecarPath } from "./sidecar.ts";

/** An object as the branch's tree has it. Ids are git's. */
export type TreeObject = { readonly blob: string; readonly size: number; readonly sidecar: string | undefined };

/** What the branch holds at one commit; `commit` is undefined while there is no such branch. Keys as stored, unchecked. */
export type Snapshot = {
  readonly commit: string | undefined;
  /** When that commit was made, by its maker's clock: Unix milliseconds. */
  readonly committed: number;
  readonly objects: ReadonlyMap<string, TreeObject>;
};

export const EMPTY: Snapshot = { commit: undefined, committed: 0, objects: new Map() };

/**
 * The blob's id tells content apart. The sidecar's, which holds the time and what the writer says of the write, tells writes of
 * the same bytes apart. Known from the tree alone. A person who goes back to an earlier commit's files brings its etag back:
 * what was built on it fits again.
 */
export const etagOf = ({ blob, sidecar }: TreeObject): ETag =>
  etag(sidecar === undefined ? blob : `${blob}-${sidecar}`);

/** From the output of `git ls-tree -r -z -l`. Of `folder` (empty: the root), names below it. Links and submodules are no objects. */
export const parseTree = (output: Buffer, folder: string): ReadonlyMap<string, TreeObject> => {
  const prefix = folder === "" ? "" : `${folder}/`;
  const files = new Map<string, { readonly blob: string; readonly size: number }>();
  for (const line of output.toString("utf8").split("\0")) {
    const [, mode, blob = "", size, path = ""] = /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line) ?? [];
    if (mode?.startsWith("100") && path.startsWith(prefix))
      files.set(path.slice(prefix.length), { blob, size: Number(size) });
  }
  const objects = new Map<string, TreeObject>();
  for (const [path, file] of files)
    if (!isSidecarPath(path)) objects.set(path, { ...file, sidecar: files.get(sidecarPath(path))?.blob });
  return objects;
};

/** Why there can be no file of this name, or `undefined`: a tree has a file or a folder under a name, not both, and no `.git`. */
export const obstacle = ({ objects }: Snapshot, key: string): string | undefined => {
  if (objects.has(key)) return undefined;
  if (isSidecarPath(key)) return "the folder is kept for what kgsync notes of objects";
  if (/(?:^|\/)\.git(?:\/|$)/i.test(key)) return "git has no files of the name .git";
  for (let slash = key.indexOf("/"); slash !== -1; slash = key.indexOf("/", slash + 1))
    if (objects.has(key.slice(0, slash))) return `${key.slice(0, slash)} is a file`;
  for (const other of objects.keys()) if (other.startsWith(`${key}/`)) return `${key} is a folder`;
  return undefined;
};
