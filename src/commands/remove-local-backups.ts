import { rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Io } from "../app/io.ts";

/**
 * Takes backups off this disk that are not to come back: a file here would go up again with a lost state folder. Folders that
 * are empty then go too. Links are not followed: only what a scan finds is removed. Resolves with the names.
 */
export const removeLocalBackups = async (
  { files, rules }: Pick<Io, "files"> & { readonly rules: Pick<Io["rules"], "backupsLimit"> },
  folder: string,
  names: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const found = await findLocalBackups({ files, rules }, folder, names);
  for (const name of found) {
    await files.remove(join(folder, name));
    removeEmpty(folder, dirname(name));
  }
  return found;
};

/** Those of the names that are files here. */
export const findLocalBackups = async (
  { files, rules }: Pick<Io, "files"> & { readonly rules: Pick<Io["rules"], "backupsLimit"> },
  folder: string,
  names: ReadonlySet<string>,
): Promise<readonly string[]> => {
  const scan = await files.scan(folder, rules.backupsLimit);
  return scan.kind === "absent" ? [] : scan.files.map(({ name }) => name).filter((name) => names.has(name));
};

const removeEmpty = (folder: string, below: string): void => {
  if (below === "." || below === "") return;
  try {
    rmdirSync(join(folder, below));
    removeEmpty(folder, dirname(below));
  } catch {
    // something is left in it
  }
};
