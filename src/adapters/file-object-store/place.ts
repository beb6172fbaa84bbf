import { createHash } from "node:crypto";
import type * as fs from "node:fs/promises";
import { join } from "node:path";

/** The calls of node:fs/promises that the store makes. A test passes ones that fail at a step of its choice. */
export type Disk = Pick<
  typeof fs,
  "chmod" | "link" | "lstat" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm" | "stat" | "unlink"
>;

/** The folder in the root that holds what is not an object. No key may lie in it, no listing shows it. */
export const HIDDEN = ".kgsync-store";

/**
 * Where things lie below the root:
 *
 *     <key>                                     the object, an ordinary file (the projection of the newest version)
 *     .kgsync-store/versions/<sha256 of key>/7  version 7's record, linked there whole; the highest number is the head
 *     .kgsync-store/writes/<id>/body, record    a write on its way: staged, or committed and not yet projected
 */
export type Place = {
  readonly disk: Disk;
  readonly root: string;
  readonly writes: string;
  readonly plain: (key: string) => string;
  readonly versions: (key: string) => string;
  readonly version: (key: string, number: number) => string;
  readonly write: (id: string) => string;
  readonly body: (id: string) => string;
  readonly record: (id: string) => string;
};

export const createPlace = (root: string, disk: Disk): Place => {
  const writes = join(root, HIDDEN, "writes");
  const versions = (key: string): string =>
    join(root, HIDDEN, "versions", createHash("sha256").update(key).digest("hex"));
  return {
    disk,
    root,
    writes,
    plain: (key) => join(root, key),
    versions,
    version: (key, number) => join(versions(key), String(number)),
    write: (id) => join(writes, id),
    body: (id) => join(writes, id, "body"),
    record: (id) => join(writes, id, "record"),
  };
};
