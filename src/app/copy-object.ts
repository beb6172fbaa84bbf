import { backoffMs } from "../core/backoff.ts";
import { contentTypeOf, modeByName } from "../core/document.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { type Copyable, type CopyVerdict, judgeCopy } from "../core/judge-copy.ts";
import type { Key } from "../core/key.ts";
import { decodeMetadata } from "../core/metadata.ts";
import type { ETag } from "../core/version.ts";
import type { ObjectStore, PutMode, PutOutcome } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import { attemptPut } from "./content.ts";
import { type HeldObject, type HoldIo, holdObject } from "./hold-object.ts";
import type { Io } from "./io.ts";

export type CopyIo = HoldIo &
  Pick<Io, "clock" | "random"> & {
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
  const source = await holdObject(io, io.from, key, budget);
  if (source === undefined) return { verdict: "gone" };
  try {
    const verdict = await bringOver(io, key, source, dryRun, budget);
    return { verdict, bytes: source.size, etag: source.etag };
  } finally {
    await source.release();
  }
};

const bringOver = async (
  io: CopyIo,
  key: Key,
  source: HeldObject,
  dryRun: boolean,
  budget: Budget,
): Promise<CopyVerdict> => {
  let wanted: CopyVerdict | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await io.clock.sleep(backoffMs(attempt - 1, io.random.fraction()), budget.signal);
    const target = await lookAt(io, key, budget);
    const verdict = judgeCopy(copyable(source), target && copyable(target));
    // What an earlier try has put, with or without an answer, is there now.
    if (verdict === "same") return wanted ?? verdict;
    if (dryRun || verdict === "newer" || verdict === "differs") return verdict;
    wanted ??= verdict;
    const mode: PutMode = target === undefined ? { mode: "create" } : { mode: "update", etag: target.etag };
    const put = await tryPut(io, key, source, mode, budget);
    if (put === undefined) continue;
    const back = await lookAt(io, key, budget);
    if (back?.sha256 === source.sha256) return wanted;
  }
  throw new KgsyncError("bucket-unavailable", `${io.to.name} does not give back ${key} as it was put there`);
};

/** What the target has; its bytes are of no use once they are known. */
const lookAt = async (io: CopyIo, key: Key, budget: Budget): Promise<Omit<HeldObject, "body"> | undefined> => {
  const held = await holdObject(io, io.to, key, budget);
  if (held === undefined) return undefined;
  const { body: _, ...known } = held;
  await held.release();
  return known;
};

const copyable = ({ sha256, metadata }: Pick<HeldObject, "sha256" | "metadata">): Copyable => ({
  sha256,
  ancestors: decodeMetadata(metadata, sha256)?.ancestors ?? [],
});

/** `undefined`: not known to be stored; the next look tells. */
const tryPut = async (
  { to }: CopyIo,
  key: Key,
  { body, metadata }: HeldObject,
  mode: PutMode,
  budget: Budget,
): Promise<PutOutcome | undefined> => {
  const named = /\.(?:json|jsonl|ndjson)$/.test(key) ? modeByName(key) : "replace";
  const options = { contentType: contentTypeOf(named), metadata, strict: true };
  try {
    const put = await attemptPut(budget, body, (signal) => to.put(key, body, mode, options, signal));
    return put.outcome === "stored" ? put : undefined;
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable || budget.signal.aborted) throw error;
    return undefined;
  }
};
