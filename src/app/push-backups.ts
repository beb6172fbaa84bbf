import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { key } from "../core/key.ts";
import { type KnownBackup, variantName } from "../core/plan-backups.ts";
import { provesUnchanged } from "../core/racy.ts";
import type { Digest, ETag } from "../core/version.ts";
import type { FoundFile } from "../ports/file-tree.ts";
import type { Body } from "../ports/object-store.ts";
import { type BackupLedger, knownBackup } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { MANY } from "./pull-backups.ts";
import { inMemory, readBackup } from "./read-backup.ts";
import { runBounded } from "./run-bounded.ts";

/** `waiting`: files that are still being written, or are not old enough to be surely whole. */
export type BackupsPushed = {
  readonly uploaded: number;
  readonly bytes: number;
  readonly waiting: number;
  readonly error: KgsyncError | undefined;
};

/** Most are whole in memory: so their bytes are bounded too. */
const AT_ONCE = { lanes: 16, weight: 32 * 1024 * 1024 };
/** A file younger than this may still be written to, and create-only means that a torn one would stay for ever. */
const SETTLE_MS = 2000;

/** Brings new local backups to the bucket, create-only. `final`: nobody writes any more, every file is whole. */
export const pushBackups = async (
  io: Io,
  ledger: BackupLedger,
  final: boolean,
  budget: Budget,
): Promise<BackupsPushed> => {
  const folder = io.paths.backups;
  const result = { uploaded: 0, bytes: 0, waiting: 0, error: undefined as KgsyncError | undefined };
  if (folder === undefined) return result;
  try {
    const scan = await io.files.scan(folder, io.rules.backupsLimit);
    const files =
      scan.kind === "found" ? scan.files.filter(({ name, stamp }) => !isInStep(ledger.known.get(name), stamp)) : [];
    if (files.length > MANY) io.many?.();
    io.progress?.expect("backups", files.length);
    const limit = { ...AT_ONCE, lanes: io.traits?.lanes ?? AT_ONCE.lanes, weightOf: inMemory };
    await runBounded(files, limit, async (file) => {
      const old = final || isOld(file, io.clock.now().wall);
      const pushed = old ? await tryOne(io, ledger, folder, file, budget) : "moving";
      if (pushed === "moving") result.waiting++;
      else if (pushed instanceof KgsyncError) result.error ??= pushed;
      else if (pushed === "uploaded") {
        result.uploaded++;
        result.bytes += file.stamp.size;
      }
    });
  } catch (thrown) {
    result.error = toKgsyncError(thrown);
  }
  await ledger.save().catch((thrown: unknown) => {
    io.log.warn("backup.ledger", "what is known of the backups could not be noted", { err: toKgsyncError(thrown) });
  });
  return result;
};

/** A file that cannot be read must not keep the others from the bucket; a bucket that does not answer ends the round. */
const tryOne = async (
  ...args: readonly [Io, BackupLedger, string, FoundFile, Budget]
): Promise<OnePushed | KgsyncError> => {
  try {
    return await pushOne(...args);
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (error.code !== "disk") throw error;
    return error;
  }
};

/** What is known of the file still holds: it need not be read to be called in step. */
export const isInStep = (known: KnownBackup | undefined, stamp: FoundFile["stamp"]): boolean =>
  known !== undefined &&
  known.size === stamp.size &&
  known.mtimeNs === stamp.mtimeNs &&
  known.ctimeNs === stamp.ctimeNs &&
  known.inode === stamp.inode &&
  provesUnchanged(known);

const isOld = ({ stamp }: FoundFile, now: number): boolean =>
  now - Number(BigInt(stamp.mtimeNs) / 1_000_000n) >= SETTLE_MS;

/** `moving`: gone, or written to since the scan. */
type OnePushed = "uploaded" | "known" | "moving";

const pushOne = async (
  io: Io,
  ledger: BackupLedger,
  folder: string,
  file: FoundFile,
  budget: Budget,
): Promise<OnePushed> => {
  const hashedAt = io.clock.now().wall;
  const read = await readBackup(io, folder, file);
  if (read === undefined) return "moving";
  try {
    const known = ledger.known.get(file.name);
    const put = known?.sha256 === read.sha256 ? known.etag : await putBackup(io, file.name, read, budget);
    const inStep = typeof put === "string" ? { etag: put, uploaded: false } : put;
    ledger.note(file.name, knownBackup({ sha256: read.sha256, etag: inStep.etag }, file.stamp, hashedAt));
    return inStep.uploaded ? "uploaded" : "known";
  } finally {
    await read.close();
  }
};

type Placed = { readonly etag: ETag; readonly uploaded: boolean };

/** Under its own name if that is free or holds the same; else under the name of its content. */
const putBackup = async (
  io: Io,
  name: string,
  read: { readonly body: Body; readonly sha256: Digest },
  budget: Budget,
): Promise<Placed> => {
  const placed =
    (await create(io, name, read, budget)) ?? (await create(io, variantName(name, read.sha256), read, budget));
  if (placed === undefined)
    throw new KgsyncError(
      "bucket-unavailable",
      `the backup ${name} could not be stored under either of its names in ${io.store.name}`,
    );
  return placed;
};

/** `undefined`: the name holds other bytes. A lost answer is settled by looking, as everything here is create-only. */
const create = async (
  io: Io,
  name: string,
  { body, sha256 }: { readonly body: Body; readonly sha256: Digest },
  budget: Budget,
): Promise<Placed | undefined> => {
  const target = key(io.document.backups + name);
  const options = {
    contentType: name.endsWith(".json") ? "application/json" : "application/octet-stream",
    metadata: { "kgsync-sha256": sha256 },
  };
  const put = await budget.attempt((signal) => io.store.put(target, body, { mode: "create" }, options, signal));
  if (put.outcome === "stored") return { etag: put.etag, uploaded: true };
  const head = await budget.attempt((signal) => io.store.head(target, signal));
  if (head === undefined)
    throw new KgsyncError("bucket-unavailable", `the answer of ${io.store.name} to a put of ${target} was lost`);
  const there = head.metadata["kgsync-sha256"] ?? (await digestOf(io, target, budget));
  return there === sha256 ? { etag: head.etag, uploaded: put.outcome === "unknown" } : undefined;
};

/** An object without our metadata (from `aws s3 cp`) has to be read to be compared. */
const digestOf = async (io: Io, target: ReturnType<typeof key>, budget: Budget): Promise<Digest | undefined> => {
  const object = await budget.attempt((signal) => io.store.get(target, signal));
  return object === undefined ? undefined : io.sha256(object.body);
};
