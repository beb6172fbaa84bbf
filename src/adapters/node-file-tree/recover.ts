import { basename, dirname, join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import type { Recover, Recovery } from "../../ports/file-tree.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { onDisk, unlessAbsent } from "./disk-error.ts";
import { createFolderSync, type FolderSync } from "./folder-sync.ts";
import { followLinks } from "./follow-links.ts";
import { decodeJournal, isCutOff, JOURNAL_SUFFIX, type Journal, shortHash } from "./journal.ts";
import { makeFolders } from "./make-folders.ts";
import { readAt } from "./read-still.ts";
import { writeAtomic } from "./write-atomic.ts";
import { IN_PLACE_FLAGS, overwrite } from "./write-in-place.ts";

type Found = { readonly file: string; readonly journal: Journal };

const readJournal = async (disk: Disk, file: string): Promise<Journal> => {
  const handle = await disk.open(file, "r");
  try {
    const journal = decodeJournal(await readAt(handle, 0, (await handle.stat()).size));
    if (journal !== undefined) return journal;
    throw new KgsyncError(
      "disk",
      `the journal ${file} cannot be understood; the file it belongs to may be half written`,
      {
        hint: "Look at the graph file; the journal holds its old and new content. Then delete the journal and start again.",
      },
    );
  } finally {
    await handle.close();
  }
};

/** The journal of this file. A volume may be mounted elsewhere since the crash: then name and inode tell. */
const findJournal = async (disk: Disk, folder: string, path: string): Promise<Found | undefined> => {
  const names = (await unlessAbsent(() => disk.readdir(folder))) ?? [];
  const stat = await unlessAbsent(() => disk.stat(path, { bigint: true }));
  for (const name of names.filter((each) => each.endsWith(JOURNAL_SUFFIX))) {
    const file = join(folder, name);
    const journal = await readJournal(disk, file);
    const moved = basename(journal.path) === basename(path) && journal.inode === String(stat?.ino);
    if (journal.path === path || moved) return { file, journal };
  }
  return undefined;
};

/** Brings the file to `content`. Bytes that are no leftover of the cut-off write are somebody's: they are kept by name. */
const settle = async (disk: Disk, sync: FolderSync, folder: string, path: string, { old, fresh }: Journal) => {
  const content = fresh ?? old;
  if (content === undefined) return undefined;
  const handle = await unlessAbsent(() => disk.open(path, IN_PLACE_FLAGS));
  if (handle === undefined) {
    await makeFolders(disk, sync, dirname(path));
    await writeAtomic(disk, sync, path, content);
    return { kept: undefined };
  }
  try {
    const found = await readAt(handle, 0, (await handle.stat()).size);
    const leftover = found.length === 0 || isCutOff(found, old ?? content, fresh ?? content);
    const kept = leftover ? undefined : join(folder, `${basename(path)}.found-${shortHash(found).slice(0, 16)}`);
    if (kept !== undefined) await writeAtomic(disk, sync, kept, found);
    if (Buffer.compare(found, content) !== 0) await overwrite(handle, content);
    return { kept };
  } finally {
    await handle.close();
  }
};

const recover = async (disk: Disk, folder: string, path: string): Promise<Recovery> => {
  const sync = createFolderSync(disk);
  const target = await followLinks(disk, path);
  const found = await findJournal(disk, folder, target);
  if (found === undefined) return { kind: "clean" };
  const settled = await settle(disk, sync, folder, target, found.journal);
  if (settled === undefined)
    throw new KgsyncError(
      "disk",
      `neither content in the journal ${found.file} is whole; ${path} may be half written`,
      {
        hint: "Put a good version in the file's place (a backup, or the bucket's), delete the journal and start again.",
      },
    );
  await disk.unlink(found.file); // last: a crash before it only does the same again
  await sync(folder);
  return { kind: found.journal.fresh === undefined ? "undone" : "finished", ...settled };
};

/**
 * Finishes or undoes a write in place that a crash cut off. Call it, with the owner lock held, before anything reads the
 * file. May be called again, also after a crash inside itself. Rejects with KgsyncError `disk`.
 */
export const createRecover =
  (options: { readonly journalFolder: string; readonly disk?: Disk }): Recover =>
  (path) =>
    onDisk("recover", path, () => recover(options.disk ?? nodeDisk, options.journalFolder, path));
