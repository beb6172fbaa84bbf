import type { Content } from "./content.ts";
import type { Io } from "./io.ts";
import type { LocalRead } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

/** As long as a backup must stand still. */
const STILL_MS = 2000;

/**
 * Whether a file that can be read may still be the first part of what its app is about to write. A JSON document says by itself
 * that it is whole. Records say it only where they are not what was there before, cut off at the end of one, and bytes never do:
 * these count only when nobody has touched them for a while.
 */
export const mayBeCut = async (
  io: Io,
  folder: StateFolder,
  { bytes, stamp }: Extract<LocalRead, { kind: "valid" }>,
): Promise<boolean> => {
  const { mode } = io.document;
  if (mode === "merge-json") return false;
  const age = io.clock.now().wall - Number(BigInt(stamp.mtimeNs) / 1_000_000n);
  if (age >= STILL_MS) return false;
  return mode === "replace" || isCut(io, folder, bytes);
};

/** Empty, or a part of base from its beginning on: what a save that was cut off leaves, and what a removal at the end does. */
export const isCut = async (io: Io, folder: StateFolder, bytes: Content): Promise<boolean> => {
  if (io.document.mode === "merge-json" || !(bytes instanceof Uint8Array)) return false; // only those are ever large
  const { base: known } = folder.current();
  const base = known.kind === "content" ? await folder.readBase(known.sha256) : undefined;
  if (base === undefined || bytes.length >= base.length) return bytes.length === 0;
  for (let at = bytes.length - 1; at >= 0; at--) if (bytes[at] !== base[at]) return false;
  return true;
};
