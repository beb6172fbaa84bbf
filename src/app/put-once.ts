import { backoffMs } from "../core/backoff.ts";
import { contentTypeOf } from "../core/document.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import type { ETag } from "../core/version.ts";
import type { Body, PutMode } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import { attemptPut } from "./content.ts";
import type { Io } from "./io.ts";

/**
 * `conflict`: not applied, for sure. `overtaken`: somebody else's version is there, and an earlier try, whose answer was lost,
 * may lie below it. `unknown`: the time was up before anybody could say whether the put arrived.
 */
export type PutOnce =
  | { readonly kind: "stored"; readonly etag: ETag }
  | { readonly kind: "conflict" }
  | { readonly kind: "overtaken" }
  | { readonly kind: "unknown"; readonly error: KgsyncError };

export type Once = {
  readonly key: Key;
  readonly body: Body;
  readonly mode: Exclude<PutMode, { mode: "overwrite" }>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Also in the metadata: by it our own put is known again. */
  readonly writeId: string;
};

/**
 * A conditional put that survives lost answers: after one, the object is read and its write id compared, so that our own
 * success is never taken for a lost race. (A late request may still arrive after that look: then the next try conflicts,
 * and the look after it finds our own id.) Tries again until the budget ends. Rejects with what trying again cannot mend:
 * `bucket-denied`, `bucket-missing`, `store-unsafe`.
 */
export const putOnce = async (io: Io, once: Once, budget: Budget): Promise<PutOnce> => {
  let failure = new KgsyncError("bucket-unavailable", `${io.store.name} did not answer before the time was up`);
  let mayHaveArrived = false;
  for (let n = 0; !budget.signal.aborted; n++) {
    if (n > 0) await pause(io, n, failure, budget);
    const put = await tryPut(io, once, budget);
    if (put.kind === "stored" || (put.kind === "conflict" && !mayHaveArrived)) return put;
    if (put.kind !== "conflict") failure = put.error;
    mayHaveArrived ||= put.kind === "lost";
    const seen = mayHaveArrived ? await look(io, once, budget) : undefined;
    if (seen?.kind === "stored" || seen?.kind === "overtaken") return seen;
    if (put.kind === "conflict") return { kind: "overtaken" };
  }
  return { kind: "unknown", error: failure };
};

/** Tells of the first failure, not of each. */
const pause = (io: Io, n: number, err: KgsyncError, budget: Budget): Promise<void> => {
  if (n === 1) io.log.warn("push.retry", "the bucket did not take the graph; trying again", { err });
  return io.clock.sleep(backoffMs(n - 1, io.random.fraction()), budget.signal);
};

type Tried =
  | Extract<PutOnce, { kind: "stored" }>
  | { readonly kind: "conflict" }
  | { readonly kind: "lost" | "unsent"; readonly error: KgsyncError };

const tryPut = async (io: Io, once: Once, budget: Budget): Promise<Tried> => {
  try {
    const options = { contentType: contentTypeOf(io.document.mode), metadata: once.metadata, strict: true };
    const send = (signal: AbortSignal) => io.store.put(once.key, once.body, once.mode, options, signal);
    const put = await attemptPut(budget, once.body, send);
    if (put.outcome === "stored") return { kind: "stored", etag: put.etag };
    return put.outcome === "conflict" ? { kind: "conflict" } : { kind: "lost", error: unavailable(io, put.cause) };
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable) throw error;
    return { kind: "unsent", error };
  }
};

const unavailable = ({ store }: Io, cause: unknown): KgsyncError =>
  cause instanceof KgsyncError
    ? cause
    : new KgsyncError("bucket-unavailable", `the answer of ${store.name} to a put was lost`, { cause });

/** `stored`: it was ours. `overtaken`: somebody else's. `unknown`: it is not there (yet), or nobody can say. */
const look = async (io: Io, once: Once, budget: Budget): Promise<PutOnce> => {
  try {
    const head = await budget.attempt((signal) => io.store.head(once.key, signal));
    const before = once.mode.mode === "update" ? once.mode.etag : undefined;
    if (head?.metadata["kgsync-write-id"] === once.writeId) return { kind: "stored", etag: head.etag };
    return head?.etag === before ? { kind: "unknown", error: unavailable(io, undefined) } : { kind: "overtaken" };
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (!error.retryable) throw error;
    return { kind: "unknown", error };
  }
};
