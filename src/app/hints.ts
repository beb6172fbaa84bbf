import { backoffMs } from "../core/backoff.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

export type Hints = {
  /** The watcher saw something. */
  readonly changed: () => void;
  /** The last push did not get everything over. `soon`: the file is being written. `later`: the bucket did not answer. */
  readonly again: (when: "none" | "soon" | "later") => void;
  readonly close: () => void;
};

type HintsOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly debounceMs: number;
  /** 0: no timer. */
  readonly intervalMs: number;
  readonly look: () => void;
};

/** Turns hints, the interval and failures into looks: level, not edge; never more than one look is pending of each kind. */
export const createHints = ({ clock, random, debounceMs, intervalMs, look }: HintsOptions): Hints => {
  let failures = 0;
  let closed = false;
  let cancelDebounce: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;
  let cancelTick = (): void => undefined;
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
    again: (when) => {
      if (closed) return; // the push that ends last must not wake anybody again
      failures = when === "later" ? failures + 1 : 0;
      if (when === "soon") retryIn(Math.max(debounceMs, 100));
      if (when === "later") retryIn(backoffMs(failures + 2, random.fraction()));
    },
    close: () => {
      closed = true;
      cancelDebounce?.();
      cancelRetry?.();
      cancelTick();
    },
  };
};
