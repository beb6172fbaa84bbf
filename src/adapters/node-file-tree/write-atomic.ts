import { type BigIntStats, constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Stamp } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import { errnoError, errnoOf, unlessAbsent } from "./disk-error.ts";
import type { FolderSync } from "./folder-sync.ts";
import { stampOf } from "./stamp.ts";
import { temporaryName } from "./temporary.ts";

const NEW_MODE = 0o600;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** Writes all bytes at the position, however many calls it takes. */
export const writeAt = async (handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
};

/** Gives the owner away where we may; who may not (no root) may still set the group. */
const keepOwner = async (handle: FileHandle, old: BigIntStats): Promise<void> => {
  const fresh = await handle.stat({ bigint: true });
  if (fresh.uid === old.uid && fresh.gid === old.gid) return;
  for (const uid of [Number(old.uid), Number(fresh.uid)]) {
    try {
      return await handle.chown(uid, Number(old.gid));
    } catch (cause) {
      if (errnoOf(cause) !== "EPERM" && errnoOf(cause) !== "EINVAL") throw cause;
    }
  }
};

/** An app of another user must be able to read what replaced its file. The mode first: a file given away is not ours to change. */
export const keepModeAndOwner = async (handle: FileHandle, old: BigIntStats): Promise<void> => {
  await handle.chmod(Number(old.mode & 0o777n));
  await keepOwner(handle, old);
};

/**
 * What holds after a power failure. `whole`: it may take the new name back, but what is there is whole, and the folder need not
 * be synced for each of a hundred files. `passing`: what is there may be the old, or torn.
 */
export type Lasting = "durable" | "whole" | "passing";

/** What the caller has just found at the path. */
export type Seen = { readonly old: BigIntStats | undefined };

/**
 * Replaces or creates `path`, whole: temporary beside it, fsync, rename, fsync folder. On any failure the temporary is
 * removed and the old file is as it was. The folder exists. Throws errno errors.
 */
export const writeAtomic = async (
  disk: Disk,
  sync: FolderSync,
  path: string,
  bytes: Uint8Array,
  lasting: Lasting = "durable",
  seen?: Seen,
): Promise<Stamp> => {
  const { old } = seen ?? { old: await unlessAbsent(() => disk.lstat(path, { bigint: true })) };
  if (old?.isDirectory() === true) throw errnoError("EISDIR", path); // rename would say EISDIR too, but after the work
  const temporary = join(dirname(path), temporaryName());
  const handle = await disk.open(temporary, CREATE, NEW_MODE);
  try {
    await writeAt(handle, bytes, 0);
    if (old !== undefined) await keepModeAndOwner(handle, old);
    // Before the rename: else a power failure leaves the new name with no content.
    if (lasting !== "passing") await handle.sync();
    await disk.rename(temporary, path);
  } catch (cause) {
    await handle.close().catch(() => undefined);
    await disk.unlink(temporary).catch(() => undefined);
    throw cause;
  }
  try {
    if (lasting === "durable") await sync(dirname(path));
    return stampOf(await handle.stat({ bigint: true })); // through the descriptor: the name may be another's by now
  } finally {
    await handle.close();
  }
};
