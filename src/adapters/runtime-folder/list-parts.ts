import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isPortable } from "./is-portable.ts";

/** A file of the runtime: where it is now, and its name below the folder that is installed. */
export type Part = {
  readonly from: string;
  readonly name: string;
  readonly executable: boolean;
  /** Compiled code: a run may write it at any moment, and nothing is wrong without it. */
  readonly cache: boolean;
};

/** The shell for the entry script: without a C library of its own it may not run elsewhere. */
const ENTRY_SHELL = "sh";
const CACHE = "compile-cache/";
/** While it is written: the name, and the writer's process id. */
const HALF_WRITTEN = /\.\d+$/;

const isThere = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

const below = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  } catch {
    return [];
  }
};

const isExecutable = (path: string): boolean => (statSync(path).mode & 0o111) !== 0;

/** The static one first: it needs nothing of the image that it is put into. */
const TINI = ["/usr/bin/tini-static", "/sbin/tini-static", "/usr/bin/tini", "/sbin/tini"];

/**
 * What kgsync is made of: the bundle's folder (`kgsync.cjs`, the program, the thread's script, compiled code) without source
 * maps, this Node, and tini where there is one; of a portable folder all of it. Sorted by name. Throws errno errors.
 */
export const listParts = (bundle: string, node: string): readonly Part[] => {
  const portable = isPortable(bundle, node);
  const parts = below(bundle)
    .filter((name) => name !== ENTRY_SHELL || portable)
    .filter((name) => !name.endsWith(".map") && !(name.startsWith(CACHE) && HALF_WRITTEN.test(name)))
    .map((name) => ({
      from: join(bundle, name),
      name,
      executable: name === "kgsync.cjs" || isExecutable(join(bundle, name)),
      cache: name.startsWith(CACHE),
    }));
  const tini = [join(bundle, "tini"), ...TINI].find(isThere);
  const programs = [
    { from: node, name: "node", executable: true, cache: false },
    ...(tini === undefined ? [] : [{ from: tini, name: "tini", executable: true, cache: false }]),
  ];
  const names = new Set(programs.map(({ name }) => name));
  return [...parts.filter(({ name }) => !names.has(name)), ...programs].sort((a, b) => (a.name < b.name ? -1 : 1));
};
