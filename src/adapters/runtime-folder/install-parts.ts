import { hash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { digestParts } from "./digest-parts.ts";
import type { Part } from "./list-parts.ts";
import { placePrograms } from "./place-programs.ts";

/** The name under which the runtime is found; a link to the folder of what it holds. */
export const LINK = "kgsync";

const TEMPORARY = ".kgsync-tmp-";
/** An install that has not ended by now was killed. */
const LEFT_OVER_MS = 10 * 60_000;

const sync = (path: string): void => {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** What is installed, by its `digestParts`, and where. A portable folder has its own path within it. */
export type Installation = { readonly target: string; readonly digest: string; readonly portable: boolean };

const folderOf = ({ target, digest, portable }: Installation): string =>
  `.kgsync-${(portable ? hash("sha256", digest + target) : digest).slice(0, 16)}`;

const copyOne = (part: Part, folder: string): Part => {
  const to = join(folder, part.name);
  mkdirSync(dirname(to), { recursive: true });
  chmodSync(dirname(to), 0o755);
  copyFileSync(part.from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  chmodSync(to, part.executable ? 0o755 : 0o644); // a umask would keep the app's user out
  sync(to);
  return { ...part, from: to };
};

const copy = (parts: readonly Part[], folder: string): readonly Part[] =>
  parts.flatMap((part) => {
    try {
      return [copyOne(part, folder)];
    } catch (thrown) {
      if (!part.cache) throw thrown;
      return []; // it was replaced just now
    }
  });

/** Of the same name, whoever was first. */
const place = (temporary: string, final: string): void => {
  try {
    renameSync(temporary, final);
  } catch (thrown) {
    if (!existsSync(final)) throw thrown;
  }
};

const point = (target: string, name: string, id: string): void => {
  const link = join(target, LINK);
  if (existsSync(link) && isLinkTo(link, name)) return;
  const temporary = join(target, `${TEMPORARY}${id}-link`);
  symlinkSync(name, temporary);
  renameSync(temporary, link);
};

const isLinkTo = (link: string, name: string): boolean => {
  try {
    return readlinkSync(link) === name;
  } catch {
    return false;
  }
};

const sweep = (target: string, now: number): void => {
  for (const name of readdirSync(target))
    if (name.startsWith(TEMPORARY) && now - statSync(join(target, name)).mtimeMs > LEFT_OVER_MS)
      rmSync(join(target, name), { recursive: true, force: true });
};

/** Whether exactly these parts are what `kgsync` in the folder leads to already. */
export const isInstalled = (installation: Installation): boolean => {
  const { target } = installation;
  const name = folderOf(installation);
  return isLinkTo(join(target, LINK), name) && existsSync(join(target, name));
};

/**
 * Puts the parts into `target`, whole or not at all: they are copied into a folder of another name, made durable, compared with
 * what they were copied from, and only then is the folder renamed and the link `kgsync` set. Whoever runs an older one keeps
 * it: folders are named by their content, and none is removed. `id`: of this process. Throws errno errors, RangeError when the
 * parts changed meanwhile, and what `placePrograms` throws.
 */
export const installParts = (
  parts: readonly Part[],
  installation: Installation,
  { id, now }: { readonly id: string; readonly now: number },
): void => {
  const { target, digest, portable } = installation;
  mkdirSync(target, { recursive: true, mode: 0o755 });
  sweep(target, now);
  const final = folderOf(installation);
  const temporary = join(target, TEMPORARY + id);
  try {
    if (!existsSync(join(target, final))) {
      mkdirSync(temporary, { mode: 0o755 });
      chmodSync(temporary, 0o755);
      if (digestParts(copy(parts, temporary)) !== digest)
        throw new RangeError("the files changed while they were copied");
      if (portable) placePrograms(temporary, join(target, final));
      sync(temporary);
      place(temporary, join(target, final));
    }
    point(target, final, id);
    sync(target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};
