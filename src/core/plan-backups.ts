import { keyProblem } from "./key.ts";
import type { Digest, ETag } from "./version.ts";

/** What was found out about one backup: its local bytes had this digest, and the bucket holds them as `etag`. */
export type KnownBackup = {
  readonly sha256: Digest;
  readonly etag: ETag;
  readonly size: number;
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  readonly inode: string;
  /** Unix milliseconds. */
  readonly hashedAt: number;
};

export type RemoteBackup = {
  readonly name: string;
  readonly size: number;
  readonly etag: ETag;
  readonly modified: number;
};

export type BackupsPull =
  | { readonly kind: "all" | "none" | "background" }
  | { readonly kind: "latest"; readonly count: number };

export type BackupPull =
  | { readonly do: "download"; readonly remote: RemoteBackup }
  /** A file of that name is here and nothing is known of how the two relate. */
  | { readonly do: "compare"; readonly remote: RemoteBackup }
  | { readonly do: "refuse"; readonly remote: RemoteBackup; readonly why: string };

/**
 * Which backups come down. Nothing is ever deleted or overwritten.
 *
 * | local | known in step with this etag | do |
 * |---|---|---|
 * | there, under its own name or a variant's | yes | nothing |
 * | absent | otherwise | download |
 * | there | otherwise | compare |
 *
 * A name that could leave the folder is refused by name, the rest goes on. `latest:N` takes the N newest names: they
 * start with their time, and no clock is asked.
 */
export const planBackupsPull = (
  remote: readonly RemoteBackup[],
  local: ReadonlySet<string>,
  known: ReadonlyMap<string, KnownBackup>,
  mode: BackupsPull,
): readonly BackupPull[] => {
  if (mode.kind === "none") return [];
  const wanted = mode.kind === "latest" ? newest(remote, mode.count) : remote;
  const held = Map.groupBy(
    [...known].filter(([name]) => local.has(name)),
    ([, { etag }]) => etag,
  );
  const isHeld = ({ name, etag }: RemoteBackup): boolean =>
    (held.get(etag) ?? []).some(([here]) => here === name || isVariant(here, name) || isVariant(name, here));
  return wanted.flatMap((object) => planOne(object, local, isHeld(object)));
};

const newest = (remote: readonly RemoteBackup[], count: number): readonly RemoteBackup[] =>
  [...remote].sort((a, b) => (a.name < b.name ? 1 : -1)).slice(0, count);

const planOne = (remote: RemoteBackup, local: ReadonlySet<string>, isHeld: boolean): readonly BackupPull[] => {
  const why = keyProblem(remote.name);
  if (why !== undefined) return [{ do: "refuse", remote, why: `its name ${why}` }];
  if (isHeld) return [];
  return [{ do: local.has(remote.name) ? "compare" : "download", remote }];
};

/** Same name, other content: both stay, the second under a name of its own content. */
export const variantName = (name: string, sha256: Digest): string => `${name}.${sha256.slice(0, 8)}`;

/** Whether the first is a name that `variantName` may have made of the second. */
const isVariant = (variant: string, name: string): boolean =>
  variant.startsWith(name) && /^\.[0-9a-f]{8}$/.test(variant.slice(name.length));
