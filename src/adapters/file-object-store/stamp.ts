import type { BigIntStats } from "node:fs";
import { type ETag, etag } from "../../core/version.ts";
import type { Stamp as FileStamp } from "../../ports/file-tree.ts";

/** What tells a file that this store wrote from one that somebody put in its place. A rename keeps it (not so ctime). */
export type Stamp = Omit<FileStamp, "ctimeNs">;

export const stampOf = (stats: BigIntStats): Stamp => ({
  size: Number(stats.size),
  mtimeNs: String(stats.mtimeNs),
  inode: String(stats.ino),
});

/** Two absent files are the same. */
export const sameStamp = (a: Stamp | undefined, b: Stamp | undefined): boolean =>
  a === undefined || b === undefined ? a === b : a.size === b.size && a.mtimeNs === b.mtimeNs && a.inode === b.inode;

/**
 * The number of the newest version and the stamp of the file that holds the content: each write of this program grows
 * the number, for good (no ABA), and each `cp` changes the stamp. Known without reading the content, so that listings are cheap.
 */
export const etagOf = (number: number, stamp: Stamp): ETag =>
  etag(`${number}-${stamp.inode}-${stamp.mtimeNs}-${stamp.size}`);
