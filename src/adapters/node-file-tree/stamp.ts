import type { BigIntStats } from "node:fs";
import type { Stamp } from "../../ports/file-tree.ts";
import { errnoError } from "./disk-error.ts";

/** The stamp of a stat(2) answer, asked for with `bigint`: nanoseconds do not fit a number. */
export const stampOf = (stat: BigIntStats): Stamp => ({
  size: Number(stat.size),
  mtimeNs: String(stat.mtimeNs),
  ctimeNs: String(stat.ctimeNs),
  inode: String(stat.ino),
});

/** Whether the content can be the same. ctime is left out: chmod and link(2) move it and change no content. */
export const sameContent = (a: Stamp, b: Stamp): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.inode === b.inode;

/** Throws EISDIR or ENODEV for what is not a regular file: a FIFO or device would block or never end. */
export const requireFile = (stat: BigIntStats, path: string): void => {
  if (stat.isDirectory()) throw errnoError("EISDIR", path);
  if (!stat.isFile()) throw errnoError("ENODEV", path);
};
