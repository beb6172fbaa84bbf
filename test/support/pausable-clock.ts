import { clockOfTimers } from "../../src/adapters/clock-of-timers.ts";
import type { Clock } from "../../src/ports/clock.ts";

/** One process' own view of a clock: while it is paused (SIGSTOP, a frozen machine) none of its timers fires. */
export const pausable = (clock: Clock) => {
  let paused = false;
  const missed: (() => void)[] = [];
  const own = clockOfTimers({
    now: clock.now,
    arm: (ms, _hold, fire) => {
      let cancelled = false;
      const cancel = clock.after(ms, () => {
        if (!paused) return fire();
        missed.push(() => cancelled || fire());
      });
      return () => {
        cancelled = true;
        cancel();
      };
    },
  });
  return {
    clock: own,
    pause: (): void => {
      paused = true;
    },
    /** All that was due fires now, in order. */
    resume: (): void => {
      paused = false;
      for (const fire of missed.splice(0)) fire();
    },
  };
};
