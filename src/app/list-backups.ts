import type { ListedObject } from "../ports/object-store.ts";
import type { Io } from "./io.ts";

/** A backup in the bucket: a file, or a folder with all that lies in it. */
export type ListedBackup = {
  /** Below `backups/`: the file's name, or the folder's. */
  readonly name: string;
  readonly files: number;
  /** Bytes, all files together. */
  readonly size: number;
  /** Of its newest file, by the store's clock: Unix milliseconds. */
  readonly modified: number;
};

/** Newest first. Rejects as the store does. */
export const listBackups = async (
  { store, document: { backups } }: Pick<Io, "store" | "document">,
  signal: AbortSignal,
): Promise<readonly ListedBackup[]> => {
  const found = new Map<string, ListedBackup>();
  for await (const object of store.list(backups, signal)) {
    const [name = ""] = object.name.slice(backups.length).split("/");
    if (name !== "") found.set(name, withFile(found.get(name), name, object));
  }
  return [...found.values()].sort((a, b) => b.modified - a.modified);
};

const withFile = (known: ListedBackup | undefined, name: string, { size, modified }: ListedObject): ListedBackup => ({
  name,
  files: (known?.files ?? 0) + 1,
  size: (known?.size ?? 0) + size,
  modified: Math.max(known?.modified ?? 0, modified),
});
