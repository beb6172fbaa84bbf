import { constants, promises } from "node:fs";
import { join } from "node:path";
import type { OpenScratch } from "../ports/scratch.ts";
import { onDisk } from "./node-file-tree/disk-error.ts";
import { readAt } from "./node-file-tree/read-still.ts";
import { temporaryName } from "./node-file-tree/temporary.ts";
import { writeAt } from "./node-file-tree/write-atomic.ts";

const CREATE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** Files in `folder` that lose their name as soon as they are open: whatever ends this process, none is left behind. */
export const createScratchFiles =
  (folder: string): OpenScratch =>
  () => {
    const path = join(folder, temporaryName());
    return onDisk("write", path, async () => {
      const handle = await promises.open(path, CREATE, 0o600);
      await promises.unlink(path);
      return {
        write: (offset, bytes) => onDisk("write", path, () => writeAt(handle, bytes, offset)),
        read: (offset, length, into) => onDisk("read", path, () => readAt(handle, offset, length, undefined, into)),
        close: () => handle.close(),
      };
    });
  };
