import { constants } from "node:fs";
import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import type { OpenFile, Stamp } from "../../ports/file-tree.ts";
import type { Disk } from "./disk.ts";
import { onDisk, unlessAbsent } from "./disk-error.ts";
import { READ_FLAGS, readAt } from "./read-still.ts";
import { sameContent, stampOf } from "./stamp.ts";
import { wayBelow } from "./way-below.ts";

const changed = (path: string): KgsyncError =>
  new KgsyncError("disk", `${path} changed while it was being read`, {
    hint: "Nothing is wrong with the disk: kgsync looks at the file again at the next change or timer.",
  });

/**
 * Opens `name` below `folder` for positioned reads of one version: every read looks at the descriptor's stat again after
 * its bytes, or parts of two versions would be sent as one.
 */
export const openFile = async (disk: Disk, folder: string, name: string, stamp: Stamp): Promise<OpenFile> => {
  const shown = join(folder, name);
  const way = await wayBelow(disk, await unlessAbsent(() => disk.realpath(folder)), name);
  if (!("path" in way)) throw changed(shown);
  const handle = await unlessAbsent(() => disk.open(way.path, READ_FLAGS | constants.O_NOFOLLOW));
  if (handle === undefined) throw changed(shown);
  const check = async (): Promise<void> => {
    if (!sameContent(stampOf(await handle.stat({ bigint: true })), stamp)) throw changed(shown);
  };
  try {
    await check();
  } catch (cause) {
    await handle.close();
    throw cause;
  }
  let closing: Promise<void> | undefined;
  return {
    size: stamp.size,
    read: (offset, length, into) =>
      onDisk("read", shown, async () => {
        const bytes = await readAt(handle, offset, length, undefined, into);
        await check();
        return bytes;
      }),
    close: () => {
      closing ??= onDisk("read", shown, () => handle.close());
      return closing;
    },
  };
};
