import { dirname, resolve } from "node:path";
import type { Disk } from "./disk.ts";
import { errnoError, unlessAbsent } from "./disk-error.ts";

const MAX_LINKS = 40; // as Linux, path_resolution(7)

/**
 * The file that a path means, where its last part may be a symbolic link, also one to nothing yet. A rename over the link
 * would cut the app's file off from the volume that the link points into.
 */
export const followLinks = async (disk: Disk, path: string): Promise<string> => {
  let target = path;
  for (let left = MAX_LINKS; left > 0; left -= 1) {
    const stat = await unlessAbsent(() => disk.lstat(target));
    if (stat?.isSymbolicLink() !== true) return target;
    target = resolve(await disk.realpath(dirname(target)), await disk.readlink(target));
  }
  throw errnoError("ELOOP", path);
};
