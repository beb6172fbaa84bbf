import { join } from "node:path";
import { type Disk, nodeDisk } from "./disk.ts";
import { onDisk, unlessAbsent } from "./disk-error.ts";
import { isTemporary } from "./temporary.ts";

/**
 * Removes the temporaries that a crash left in the folder (not below it); resolves with how many there were. Call it with
 * the owner lock held: a living writer's temporary would be taken away too. Rejects with KgsyncError `disk`.
 */
export const sweepTemporaries = (folder: string, disk: Disk = nodeDisk): Promise<number> =>
  onDisk("remove", folder, async () => {
    const names = (await unlessAbsent(() => disk.readdir(folder))) ?? [];
    const left = names.filter(isTemporary);
    for (const name of left) await unlessAbsent(() => disk.unlink(join(folder, name)));
    return left.length;
  });
