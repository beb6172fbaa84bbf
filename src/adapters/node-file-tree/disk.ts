import * as promises from "node:fs/promises";

/** The part of node:fs/promises that the file tree uses: a test gives one that fails or stops at the nth call. */
export type Disk = Pick<
  typeof promises,
  | "access"
  | "copyFile"
  | "lstat"
  | "mkdir"
  | "open"
  | "readdir"
  | "readlink"
  | "realpath"
  | "rename"
  | "stat"
  | "statfs"
  | "unlink"
>;

/** The real disk. */
export const nodeDisk: Disk = promises;
