import { constants } from "node:fs";
import { join } from "node:path";
import type { ValidateMode } from "../../core/graph.ts";
import { parseDigest } from "../../core/version.ts";
import type { LargeFile, LargeFiles } from "../../ports/large-files.ts";
import type { Disk } from "../node-file-tree/disk.ts";
import { errnoError } from "../node-file-tree/disk-error.ts";
import type { FolderSync } from "../node-file-tree/folder-sync.ts";
import { makeFolders } from "../node-file-tree/make-folders.ts";
import { stampOf } from "../node-file-tree/stamp.ts";
import { temporaryName } from "../node-file-tree/temporary.ts";
import { writeAt } from "../node-file-tree/write-atomic.ts";
import { createFilledPrefix } from "./filled-prefix.ts";
import { scanInWorker } from "./scan-in-worker.ts";

const MIB = 1024 * 1024;
const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_NOCTTY;
const NEW_MODE = 0o600;

export type Receiving = { readonly disk: Disk; readonly sync: FolderSync; readonly mode: ValidateMode };

/** Before the first byte is asked for, not after the last that fits. */
const requireRoom = async (disk: Disk, folder: string, size: number): Promise<void> => {
  const { bavail, bsize } = await disk.statfs(folder);
  if (bavail * bsize < size) throw errnoError("ENOSPC", folder);
};

/** A counter that the thread waits on. */
const createCounter = (size: number) => {
  const filled = new Int32Array(new SharedArrayBuffer(4));
  const reached = createFilledPrefix();
  const set = (value: number): void => {
    Atomics.store(filled, 0, value);
    Atomics.notify(filled, 0);
  };
  return {
    filled,
    note: (offset: number, length: number): void => {
      const upTo = reached(offset, length);
      set(upTo >= size ? Math.ceil(size / MIB) : Math.floor(upTo / MIB));
    },
    giveUp: (): void => set(-1),
  };
};

/** See `LargeFiles.receive`. Throws errno errors, and what `bring` throws. */
export const receiveFile = async (
  { disk, sync, mode }: Receiving,
  folder: string,
  size: number,
  bring: Parameters<LargeFiles["receive"]>[2],
): Promise<LargeFile | "changed"> => {
  await makeFolders(disk, sync, folder);
  await requireRoom(disk, folder, size);
  const temporary = join(folder, temporaryName());
  const handle = await disk.open(temporary, CREATE, NEW_MODE);
  const counter = createCounter(size);
  try {
    await handle.truncate(size);
    const scanning = scanInWorker({ path: temporary, size, mode, filled: counter.filled });
    scanning.catch(() => undefined); // awaited below, if it comes to that
    const came = await bring(async (offset, bytes) => {
      await writeAt(handle, bytes, offset);
      counter.note(offset, bytes.length);
    });
    const answer = came === "whole" ? await scanning : "moving";
    const sha256 = answer === "moving" ? undefined : parseDigest(answer.sha256);
    if (answer === "moving" || sha256 === undefined) {
      await disk.unlink(temporary);
      return "changed";
    }
    await handle.sync();
    const path = join(folder, sha256);
    await disk.rename(temporary, path);
    await sync(folder);
    return { path, stamp: stampOf(await handle.stat({ bigint: true })), sha256, check: answer.check };
  } catch (cause) {
    await disk.unlink(temporary).catch(() => undefined);
    throw cause;
  } finally {
    counter.giveUp();
    await handle.close();
  }
};
