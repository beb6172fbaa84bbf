import type { KnownBackup } from "../core/plan-backups.ts";
import { etag, parseDigest } from "../core/version.ts";
import type { Stamp } from "../ports/file-tree.ts";
import type { Io } from "./io.ts";

/** Which backups are already in step: only a cache, in a file of its own, because the state file is written at each save. */
export type BackupLedger = {
  readonly known: ReadonlyMap<string, KnownBackup>;
  readonly note: (name: string, known: KnownBackup) => void;
  /** Writes the file if something was noted. */
  readonly save: () => Promise<void>;
};

const FORMAT = 1;

/** A damaged file, or one of another bucket, counts as empty: then the backups are compared again. */
export const openBackupLedger = async (io: Io): Promise<BackupLedger> => {
  const file = `${io.paths.state}/backups.json`;
  const read = await io.files.read(file);
  const known =
    read.kind === "still" ? parse(new TextDecoder().decode(read.bytes), io.store.name) : new Map<string, KnownBackup>();
  let changed = false;
  return {
    known,
    note: (name, entry) => {
      known.set(name, entry);
      changed = true;
    },
    save: async () => {
      if (!changed) return;
      changed = false;
      const text = JSON.stringify({ format: FORMAT, store: io.store.name, files: [...known] });
      await io.files.write(file, new TextEncoder().encode(text), "passing"); // a cache: whatever is left of it is checked
    },
  };
};

export const knownBackup = (
  found: { readonly sha256: KnownBackup["sha256"]; readonly etag: KnownBackup["etag"] },
  stamp: Stamp,
  hashedAt: number,
): KnownBackup => ({
  sha256: found.sha256,
  etag: found.etag,
  ...stamp,
  hashedAt,
});

const parse = (text: string, store: string): Map<string, KnownBackup> => {
  const known = new Map<string, KnownBackup>();
  try {
    const raw = JSON.parse(text) as { format?: unknown; store?: unknown; files?: unknown };
    if (raw.format !== FORMAT || raw.store !== store || !Array.isArray(raw.files)) return known;
    for (const row of raw.files as readonly unknown[])
      if (Array.isArray(row) && typeof row[0] === "string") addEntry(known, row[0], row[1]);
  } catch {
    // not JSON: as good as absent
  }
  return known;
};

const addEntry = (known: Map<string, KnownBackup>, name: string, raw: unknown): void => {
  const entry = raw as Partial<Record<keyof KnownBackup, unknown>> | null;
  const sha256 = parseDigest(typeof entry?.sha256 === "string" ? entry.sha256 : undefined);
  if (entry === null || sha256 === undefined || typeof entry.etag !== "string" || typeof entry.size !== "number")
    return;
  const { mtimeNs, ctimeNs, inode, hashedAt, size } = entry;
  if (
    typeof mtimeNs !== "string" ||
    typeof ctimeNs !== "string" ||
    typeof inode !== "string" ||
    typeof hashedAt !== "number"
  )
    return;
  known.set(name, { sha256, etag: etag(entry.etag), size, mtimeNs, ctimeNs, inode, hashedAt });
};
