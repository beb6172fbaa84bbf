import { backoffMs } from "../core/backoff.ts";
import { type KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { ListedObject, ObjectStore, PutOutcome } from "../ports/object-store.ts";
import type { Random } from "../ports/random.ts";

/**
 * Tries again what may be tried again, with full jitter, until `signal` aborts: reads, the start of a listing, deletes,
 * and puts without a condition (also when their answer is `unknown`). It then rejects with the last error of the bucket,
 * not with the abort: that one says what to repair.
 * `create` and `update` go through once: a retry would turn our own success into a conflict.
 * `onRetry` is told before each new try, so that somebody may say what is waited for.
 */
export const createRetryingObjectStore = (
  inner: ObjectStore,
  clock: Clock,
  random: Random,
  onRetry: (error: KgsyncError) => void = () => undefined,
): ObjectStore => {
  /** Waits for the next attempt; false when there is none. */
  const pause = async (attempt: number, signal: AbortSignal): Promise<boolean> => {
    if (!signal.aborted) await clock.sleep(backoffMs(attempt, random.fraction()), signal);
    return !signal.aborted;
  };
  const retry = async <T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> => {
    let last: KgsyncError | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        return await call();
      } catch (thrown) {
        const error = toKgsyncError(thrown);
        if (!error.retryable) throw error;
        // What rejects after the abort speaks of the abort: an earlier error is the better news.
        last = signal.aborted ? (last ?? error) : error;
        if (!(await pause(attempt, signal))) throw last;
        onRetry(last);
      }
    }
  };
  const overwrite = async (signal: AbortSignal, call: () => Promise<PutOutcome>): Promise<PutOutcome> => {
    let last: PutOutcome | undefined;
    for (let attempt = 0; ; attempt++) {
      let answer: PutOutcome;
      try {
        answer = await retry(signal, call);
      } catch (error) {
        // An earlier attempt may have been applied: the refusal of a later one does not undo that.
        if (last === undefined) throw error;
        return last;
      }
      if (answer.outcome !== "unknown") return answer;
      last = answer;
      if (!(await pause(attempt, signal))) return last;
    }
  };
  return {
    name: inner.name,
    get: (key, signal) => retry(signal, () => inner.get(key, signal)),
    peek: (key, limit, signal) => retry(signal, () => inner.peek(key, limit, signal)),
    fetch: (key, version, target, signal) => retry(signal, () => inner.fetch(key, version, target, signal)),
    head: (key, signal) => retry(signal, () => inner.head(key, signal)),
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      // Only up to the first row: a listing that breaks later would have to name the same objects twice.
      const { rows, first } = await retry(signal, async () => {
        const rows = inner.list(prefix, signal)[Symbol.asyncIterator]();
        return { rows, first: await rows.next() };
      });
      try {
        for (let row = first; row.done !== true; row = await rows.next()) yield row.value;
      } finally {
        await rows.return?.();
      }
    },
    put: (key, body, mode, options, signal) => {
      const call = (): Promise<PutOutcome> => inner.put(key, body, mode, options, signal);
      return mode.mode === "overwrite" ? overwrite(signal, call) : call();
    },
    delete: (key, signal) => retry(signal, () => inner.delete(key, signal)),
    close: inner.close,
  };
};
