import { statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { nodeDisk } from "../adapters/node-file-tree/disk.ts";
import { createFolderSync } from "../adapters/node-file-tree/folder-sync.ts";
import { followLinks } from "../adapters/node-file-tree/follow-links.ts";
import { writeAtomic } from "../adapters/node-file-tree/write-atomic.ts";
import { KgsyncError } from "../core/errors.ts";

/**
 * Writes what a command was asked for. A file is replaced whole or not at all; into a pipe or a device (`/dev/null`), which a
 * rename would put a file in the place of, the bytes are written. Rejects with KgsyncError `disk`.
 */
export const writeResult = async (path: string, bytes: Uint8Array): Promise<void> => {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) writeFileSync(path, bytes);
    else await writeAtomic(nodeDisk, createFolderSync(nodeDisk), await followLinks(nodeDisk, resolve(path)), bytes);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new KgsyncError("disk", `${path} cannot be written: ${why}`, { cause });
  }
};
