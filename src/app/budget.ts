import { attemptLimit } from "../core/stop-plan.ts";
import type { Clock } from "../ports/clock.ts";

/** How long something may still take. It can be shortened while it runs, never lengthened. */
export type Budget = {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left. */
  readonly remaining: () => number;
  /** One try of something that may hang: it may take the attempt limit, and after `tighten` a third of what remains. */
  readonly attempt: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** From now on the end is at `monoMs` or earlier, and every try, also the one under way, is cut to a third. */
  readonly tighten: (monoMs: number) => void;
  /** Frees the timer. */
  readonly close: () => void;
};

/** `attemptMs`: the longest single try before any stop signal. `parent` ends everything at once. */
export const createBudget = (clock: Clock, totalMs: number, attemptMs: number, parent?: AbortSignal): Budget => {
  const whole = new AbortController();
  const attempts = new Set<{ readonly controller: AbortController; until: number; cancel: () => void }>();
  let endAt = clock.now().mono + totalMs;
  let thirds = false;
  let cancelEnd = clock.after(totalMs, () => whole.abort());
  parent?.addEventListener("abort", () => whole.abort(), { once: true });
  if (parent?.aborted === true) whole.abort();
  const remaining = (): number => Math.max(0, endAt - clock.now().mono);
  const limit = (): number => Math.min(attemptMs, thirds ? attemptLimit(remaining()) : remaining());
  return {
    signal: whole.signal,
    remaining,
    attempt: async (work) => {
      const controller = new AbortController();
      const abort = (): void => controller.abort();
      const entry = { controller, until: clock.now().mono + limit(), cancel: clock.after(limit(), abort) };
      whole.signal.addEventListener("abort", abort, { once: true });
      if (whole.signal.aborted) abort();
      attempts.add(entry);
      try {
        return await work(controller.signal);
      } finally {
        entry.cancel();
        whole.signal.removeEventListener("abort", abort);
        attempts.delete(entry);
      }
    },
    tighten: (monoMs) => {
      endAt = Math.min(endAt, monoMs);
      thirds = true;
      cancelEnd();
      cancelEnd = clock.after(remaining(), () => whole.abort());
      const now = clock.now().mono;
      for (const entry of attempts) {
        entry.cancel();
        entry.until = Math.min(entry.until, now + limit());
        entry.cancel = clock.after(Math.max(0, entry.until - now), () => entry.controller.abort());
      }
    },
    close: () => cancelEnd(),
  };
};
