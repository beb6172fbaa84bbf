import { KgsyncError } from "../../core/errors.ts";
import type { Stamp } from "../../ports/file-tree.ts";
import type { LargeFile } from "../../ports/large-files.ts";
import type { ReadAt } from "../../ports/object-store.ts";
import type { Disk } from "../node-file-tree/disk.ts";
import { onDisk } from "../node-file-tree/disk-error.ts";
import { READ_FLAGS, readAt } from "../node-file-tree/read-still.ts";
import { sameContent, stampOf } from "../node-file-tree/stamp.ts";

/** Throws unless it still is the file that was looked at. */
export const requireStill = (now: Stamp, { path, stamp }: Pick<LargeFile, "path" | "stamp">): void => {
  if (sameContent(now, stamp)) return;
  throw new KgsyncError("disk", `${path} changed while it was being read`, {
    hint: "Nothing is wrong with the disk: kgsync looks at the file again at the next change or timer.",
  });
};

/** Opened for each piece, which costs nothing beside it: nobody has to close what a put was given. */
export const readLarge =
  (disk: Disk, file: LargeFile): ReadAt =>
  (offset, length, into) =>
    onDisk("read", file.path, async () => {
      const handle = await disk.open(file.path, READ_FLAGS);
      try {
        const bytes = await readAt(handle, offset, length, undefined, into);
        requireStill(stampOf(await handle.stat({ bigint: true })), file);
        return bytes;
      } finally {
        await handle.close();
      }
    });
