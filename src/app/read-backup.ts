import type { Digest } from "../core/version.ts";
import type { FoundFile } from "../ports/file-tree.ts";
import type { Body } from "../ports/object-store.ts";
import type { Io } from "./io.ts";

/** Larger files are hashed and sent piece by piece: a backup must not decide how much memory the wrapper takes. */
const WHOLE_BYTES = 16 * 1024 * 1024;
const PIECE_BYTES = 4 * 1024 * 1024;
/** Of a store that sends in parts. */
const IN_PARTS_BYTES = 32 * 1024 * 1024;

/** How much of the file is in memory at once while it is sent. */
export const inMemory = ({ stamp: { size } }: FoundFile): number => (size > WHOLE_BYTES ? IN_PARTS_BYTES : size);

export type BackupRead = { readonly body: Body; readonly sha256: Digest; readonly close: () => Promise<void> };

/** The file as it was scanned, or `undefined` when it is gone or was written to since. */
export const readBackup = async (
  io: Io,
  folder: string,
  { name, stamp }: FoundFile,
): Promise<BackupRead | undefined> => {
  if (stamp.size > WHOLE_BYTES) return readLarge(io, folder, { name, stamp });
  const read = await io.files.readBelow(folder, name);
  if (read.kind !== "still" || read.stamp.mtimeNs !== stamp.mtimeNs || read.stamp.size !== stamp.size) return undefined;
  return { body: read.bytes, sha256: io.sha256(read.bytes), close: async () => undefined };
};

const readLarge = async (io: Io, folder: string, { name, stamp }: FoundFile): Promise<BackupRead> => {
  const open = await io.files.open(folder, name, stamp);
  const hash = io.sha256Stream();
  try {
    for (let at = 0; at < open.size; at += PIECE_BYTES)
      hash.update(await open.read(at, Math.min(PIECE_BYTES, open.size - at)));
  } catch (thrown) {
    await open.close();
    throw thrown;
  }
  return { body: { size: open.size, read: open.read }, sha256: hash.end(), close: open.close };
};
