import { backoffMs } from "../core/backoff.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

export type Hints = {
  /** The watcher saw something. */
  readonly changed: () => void;
  /**
   * A push has ended. Did it get everything over? `soon`: the file is being written. `later`: the bucket did not answer.
   * `sent`: it has stored something.
   */
  readonly again: (when: "none" | "soon" | "later", sent: boolean) => void;
  readonly close: () => void;
};

type HintsOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly debounceMs: number;
  /** 0: no timer. */
  readonly intervalMs: number;
  /** How long after a push that has sent something the next look is at least, whatever calls for it. */
  readonly gapMs?: number;
  readonly look: () => void;
};

/** Turns hints, the interval and failures into looks: level, not edge; never more than one look is pending of each kind. */
export const createHints = ({
  clock,
  random,
  debounceMs,
  intervalMs,
  gapMs = 0,
  look: lookNow,
}: HintsOptions): Hints => {
  let failures = 0;
  let closed = false;
  let cancelDebounce: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;
  let cancelTick = (): void => undefined;
  let cancelGap: (() => void) | undefined;
  let sentAt: number | undefined;
  /** With a gap: what is seen while a push is under way would be pushed just behind it, so it is kept until that has ended. */
  let underway = false;
  let seen = false;
  const look = (): void => {
    if (underway) {
      seen = true;
      return;
    }
    const early = sentAt === undefined ? 0 : sentAt + gapMs - clock.now().mono;
    if (early > 0) {
      cancelGap ??= clock.after(early, () => {
        cancelGap = undefined;
        look();
      });
      return;
    }
    cancelGap?.();
    cancelGap = undefined;
    underway = gapMs > 0;
    lookNow();
  };
  const changed = (): void => {
    if (closed) return;
    cancelDebounce ??= clock.after(debounceMs, () => {
      cancelDebounce = undefined;
      look();
    });
  };
  const tick = (): void => {
    if (intervalMs === 0) return;
    cancelTick = clock.after(intervalMs, () => {
      look();
      tick();
    });
  };
  const retryIn = (ms: number): void => {
    cancelRetry ??= clock.after(ms, () => {
      cancelRetry = undefined;
      look();
    });
  };
  tick();
  return {
    changed,
    again: (when, sent) => {
      if (sent) sentAt = clock.now().mono;
      if (closed) return; // the push that ends last must not wake anybody again
      underway = false;
      if (seen) {
        seen = false;
        look();
      }
      failures = when === "later" ? failures + 1 : 0;
      if (when === "soon") retryIn(Math.max(debounceMs, 100));
      if (when === "later") retryIn(backoffMs(failures + 2, random.fraction()));
    },
    close: () => {
      closed = true;
      cancelDebounce?.();
      cancelRetry?.();
      cancelTick();
      cancelGap?.();
    },
  };
};
