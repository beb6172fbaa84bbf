import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { type BackupPull, planBackupsPull, type RemoteBackup, variantName } from "../core/plan-backups.ts";
import { type BackupLedger, knownBackup } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { runBounded } from "./run-bounded.ts";

/** What came down, for the log. */
export type BackupsPulled = {
  readonly listed: number;
  readonly downloaded: number;
  readonly bytes: number;
  readonly refused: number;
};

/** Each is whole in memory, whatever its size: so their bytes are bounded too. */
const AT_ONCE = { lanes: 16, weight: 32 * 1024 * 1024 };
/** A page of a listing: fewer are done before they could matter. */
export const MANY = 1000;

/** Brings the bucket's backups down beside the local ones: nothing is deleted, nothing overwritten (PROTOCOL: "Backups"). */
export const pullBackups = async (io: Io, ledger: BackupLedger, budget: Budget): Promise<BackupsPulled> => {
  const folder = io.paths.backups;
  const mode = io.rules.backupsPull;
  if (folder === undefined || mode.kind === "none") return { listed: 0, downloaded: 0, bytes: 0, refused: 0 };
  const [remote, scan] = await Promise.all([listBackups(io, budget), io.files.scan(folder, io.rules.backupsLimit)]);
  const local = new Set(scan.kind === "found" ? scan.files.map(({ name }) => name) : []);
  const plans = planBackupsPull(remote, local, ledger.known, mode);
  io.progress?.expect("backups", plans.filter((plan) => plan.do !== "refuse").length);
  let downloaded = 0;
  let bytes = 0;
  let refused = 0;
  const lanes = io.traits?.lanes ?? AT_ONCE.lanes;
  const limit = { ...AT_ONCE, lanes, weightOf: ({ remote: { size } }: BackupPull) => size };
  await runBounded(plans, limit, async (plan) => {
    const result = plan.do === "refuse" ? { refused: plan.why } : await fetchOne(io, ledger, folder, plan, budget);
    if ("refused" in result) {
      refused++;
      io.log.warn("backup.refused", "a backup in the bucket is not brought down", {
        name: plan.remote.name,
        why: result.refused,
      });
    } else if (result.written > 0) {
      downloaded++;
      bytes += result.written;
    }
  });
  await ledger.save();
  return { listed: remote.length, downloaded, bytes, refused };
};

/** Rejects with `config-invalid` when there are more than the settings allow. */
export const listBackups = async (io: Io, budget: Budget): Promise<readonly RemoteBackup[]> => {
  const found: RemoteBackup[] = [];
  for await (const object of io.store.list(io.document.backups, budget.signal)) {
    const name = object.name.slice(io.document.backups.length);
    if (name === "" || name.endsWith("/")) continue; // "folders" that consoles make
    if (found.length >= io.rules.backupsLimit)
      throw new KgsyncError("config-invalid", `${io.store.name} holds more than ${io.rules.backupsLimit} backups`, {
        hint: "Raise KGSYNC_BACKUPS_LIMIT, or bring down fewer with KGSYNC_BACKUPS_PULL=latest:N.",
      });
    if (found.length === MANY) io.many?.();
    found.push({ name, size: object.size, etag: object.etag, modified: object.modified });
  }
  return found;
};

type Fetched = { readonly written: number } | { readonly refused: string };

const fetchOne = async (
  io: Io,
  ledger: BackupLedger,
  folder: string,
  { remote }: { readonly remote: RemoteBackup },
  budget: Budget,
): Promise<Fetched> => {
  const name = parseKey(io.document.backups + remote.name);
  if (name === undefined) return { refused: "its name is not a key" };
  const object = await io.store.get(name, budget.signal);
  if (object === undefined) return { written: 0 }; // removed since it was listed
  const sha256 = io.sha256(object.body);
  for (const target of [remote.name, variantName(remote.name, sha256)]) {
    const hashedAt = io.clock.now().wall;
    const created = await io.files.createBelow(folder, target, object.body);
    if (created === "exists") {
      const local = await io.files.readBelow(folder, target); // also what the app made since the folder was scanned
      if (local.kind !== "still" || io.sha256(local.bytes) !== sha256) continue;
      ledger.note(target, knownBackup({ sha256, etag: object.etag }, local.stamp, hashedAt));
      return { written: 0 };
    }
    if ("refused" in created) return created;
    ledger.note(target, knownBackup({ sha256, etag: object.etag }, created, hashedAt));
    return { written: object.body.length };
  }
  return { refused: "other files have its name and the name that its content would give it" };
};
