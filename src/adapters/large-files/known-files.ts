import { readFile, rename, writeFile } from "node:fs/promises";
import { provesUnchanged } from "../../core/racy.ts";
import type { Stamp } from "../../ports/file-tree.ts";
import type { LargeFile } from "../../ports/large-files.ts";
import { sameContent } from "../node-file-tree/stamp.ts";
import { temporaryName } from "../node-file-tree/temporary.ts";

/** Unix milliseconds before the file was read, or `own`: nobody but this program writes there. */
type Known = { readonly file: LargeFile; readonly hashedAt: number | "own" };

/** What was found in large files, from one run to the next. */
export type KnownFiles = {
  readonly find: (path: string, stamp: Stamp) => Promise<LargeFile | undefined>;
  /** What was found in files of that many bytes. */
  readonly ofSize: (size: number) => Promise<readonly LargeFile[]>;
  readonly note: (file: LargeFile, hashedAt: number | "own") => Promise<void>;
};

const MOST = 16;

/** A file that cannot be read, or that another version wrote otherwise, costs a look at the graphs. */
const load = async (path: string, rules: string): Promise<readonly Known[]> => {
  try {
    const read: { readonly format: number; readonly rules: string; readonly known: readonly Known[] } = JSON.parse(
      await readFile(path, "utf8"),
    );
    return read.format === 1 && read.rules === rules ? read.known : [];
  } catch {
    return [];
  }
};

/** Kept in one file, `path`, which only saves work: it is not synced, and may be removed at any time. */
export const createKnownFiles = (path: string, rules: string): KnownFiles => {
  let loading: Promise<readonly Known[]> | undefined;
  const all = (): Promise<readonly Known[]> => {
    loading ??= load(path, rules);
    return loading;
  };
  return {
    find: async (of, stamp) => {
      const found = (await all()).find(({ file }) => file.path === of);
      if (found === undefined || !sameContent(found.file.stamp, stamp)) return undefined;
      const { hashedAt, file } = found;
      if (hashedAt === "own") return file;
      return file.stamp.ctimeNs === stamp.ctimeNs && provesUnchanged({ ...stamp, hashedAt }) ? file : undefined;
    },
    ofSize: async (size) => (await all()).map(({ file }) => file).filter(({ stamp }) => stamp.size === size),
    note: async (file, hashedAt) => {
      const others = (await all()).filter((known) => known.file.path !== file.path);
      const known = [{ file, hashedAt }, ...others].slice(0, MOST);
      loading = Promise.resolve(known);
      const temporary = `${path}.${temporaryName()}`;
      await writeFile(temporary, JSON.stringify({ format: 1, rules, known }), { mode: 0o600 })
        .then(() => rename(temporary, path))
        .catch(() => undefined);
    },
  };
};
