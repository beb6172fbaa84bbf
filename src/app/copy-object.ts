import { backoffMs } from "../core/backoff.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { type Copyable, type CopyVerdict, judgeCopy } from "../core/judge-copy.ts";
import type { Key } from "../core/key.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { ETag } from "../core/version.ts";
import type { ObjectStore, PutMode, PutOutcome, StoredObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";

export type CopyIo = Pick<Io, "clock" | "random" | "sha256"> & {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
};

/** `gone`: it was removed from the source since it was listed. `etag`: of the source's version that was copied. */
export type CopiedObject =
  | { readonly verdict: "gone" }
  | { readonly verdict: CopyVerdict; readonly bytes: number; readonly etag: ETag };

const ATTEMPTS = 5;

/**
 * Copies one object with its metadata, if that overwrites nothing, and reads it back: `create`, `update` and `same` mean
 * that the target's bytes were compared with the source's. Rejects as the stores do, and with `bucket-unavailable` when the
 * target never gives the bytes back.
 */
export const copyObject = async (io: CopyIo, key: Key, dryRun: boolean, budget: Budget): Promise<CopiedObject> => {
  const { from, to } = io;
  const source = await budget.attempt((signal) => from.get(key, signal));
  if (source === undefined) return { verdict: "gone" };
  const ours = seen(io, source);
  const settle = async (verdict: CopyVerdict): Promise<CopiedObject> => ({
    verdict,
    bytes: source.size,
    etag: source.etag,
  });
  let wanted: CopyVerdict | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await io.clock.sleep(backoffMs(attempt - 1, io.random.fraction()), budget.signal);
    const target = await budget.attempt((signal) => to.get(key, signal));
    const verdict = judgeCopy(ours, target === undefined ? undefined : seen(io, target));
    // What an earlier try has put, with or without an answer, is there now.
    if (verdict === "same") return settle(wanted ?? verdict);
    if (dryRun || verdict === "newer" || verdict === "differs") return settle(verdict);
    wanted ??= verdict;
    const mode: PutMode = target === undefined ? { mode: "create" } : { mode: "update", etag: target.etag };
    const put = await tryPut(io, key, source, mode, budget);
    if (put === undefined) continue;
    if (await isThere(io, key, source, budget)) return settle(wanted);
  }
  throw new KgsyncError("bucket-unavailable", `${to.name} does not give back ${key} as it was put there`);
};

const seen = ({ sha256 }: CopyIo, { body, metadata }: StoredObject): Copyable => {
  const digest = sha256(body);
  return { sha256: digest, ancestors: decodeMetadata(metadata, digest)?.ancestors ?? [] };
};

/** `undefined`: not known to be stored; the next look tells. */
const tryPut = async (
  { to }: CopyIo,
  key: Key,
  { body, metadata }: StoredObject,
  mode: PutMode,
  budget: Budget,
): Promise<PutOutcome | undefined> => {
  const contentType = key.endsWith(".json") ? "application/json" : "application/octet-stream";
  try {
    const put = await budget.attempt((signal) => to.put(key, body, mode, { contentType, metadata }, signal));
    return put.outcome === "stored" ? put : undefined;
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable || budget.signal.aborted) throw error;
    return undefined;
  }
};

const isThere = async ({ to, sha256 }: CopyIo, key: Key, { body }: StoredObject, budget: Budget): Promise<boolean> => {
  const back = await budget.attempt((signal) => to.get(key, signal));
  return back !== undefined && sha256(back.body) === sha256(body);
};
