import { renameSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";

/** A folder for the repository's copy, ours alone. `leave` gives it back for the next start; only the first call counts. */
export type CopyFolder = { readonly path: string; readonly leave: () => void };

/** Copies in use by others at the same time (`kgsync status` beside the app); more that are old were left by crashes. */
const MAX_LIVE = 3;
const OLD_MS = 10 * 60_000;

/**
 * Takes the copy that the last run left in `parent`, by a rename: of two who want it one gets it, and the other begins with an
 * empty folder. There is no lock that a crash could leave. What was taken by somebody who crashed is removed when there is too
 * much of it: it is only a copy, and whoever still uses it makes a new one. Where nothing can be written to `parent` (a look
 * by another user), the folder is a temporary one. `now`: Unix milliseconds. Rejects with `disk`.
 */
export const takeCopyFolder = async (
  parent: string,
  name: string,
  { id, now }: { readonly id: string; readonly now: number },
): Promise<CopyFolder> => {
  try {
    return await takeBelow(parent, name, id, now);
  } catch (cause) {
    return takeTemporary().catch(() => {
      throw new KgsyncError("disk", `no folder for a copy of the repository can be made in ${parent}`, { cause });
    });
  }
};

/** Of a name that nobody can foresee: whoever makes a repository writes what git runs. */
const takeTemporary = async (): Promise<CopyFolder> => {
  const path = await mkdtemp(join(tmpdir(), "kgsync-git-"));
  return { path, leave: () => rmSync(path, { recursive: true, force: true }) };
};

const takeBelow = async (parent: string, name: string, id: string, now: number): Promise<CopyFolder> => {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const [resting, path] = [join(parent, name), join(parent, `${name}.${id}`)];
  await sweep(parent, `${name}.`, now);
  await rename(resting, path).catch(() => mkdir(path, { mode: 0o700 }));
  await utimes(path, now / 1000, now / 1000);
  let left = false;
  const leave = (): void => {
    if (left) return;
    left = true;
    try {
      renameSync(path, resting);
    } catch {
      rmSync(path, { recursive: true, force: true }); // another one was given back meanwhile
    }
  };
  return { path, leave };
};

const sweep = async (parent: string, prefix: string, now: number): Promise<void> => {
  const names = (await readdir(parent)).filter((each) => each.startsWith(prefix));
  const found = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(parent, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = found
    .sort((a, b) => b.at - a.at)
    .slice(MAX_LIVE - 1)
    .filter(({ at }) => now - at > OLD_MS);
  await Promise.all(old.map(({ name }) => rm(join(parent, name), { recursive: true, force: true })));
};
