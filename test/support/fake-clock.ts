import { clockOfTimers } from "../../src/adapters/clock-of-timers.ts";
import type { Clock } from "../../src/ports/clock.ts";

type Timer = { readonly at: number; readonly fire: () => void };

/** A clock that stands still until the test moves it. */
export type FakeClock = Clock & {
  /** Moves time on, firing what is due in order; between two timers everything that can go on without time does. */
  readonly advance: (ms: number) => Promise<void>;
  /** How many timers are armed, sleeps and timeouts included. */
  readonly pending: () => number;
  /** Milliseconds until the next timer, or `undefined` when there is none. */
  readonly next: () => number | undefined;
  /** Sets the wall clock forward or back, as NTP or a person does; durations do not notice. */
  readonly jumpWall: (ms: number) => void;
};

/** Lets promises and finished I/O go on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A clock for tests: `mono` begins at 0, `wall` at the given Unix milliseconds. */
export const createFakeClock = (wall = Date.UTC(2026, 10, 24)): FakeClock => {
  let mono = 0;
  let offset = wall;
  const timers = new Set<Timer>();
  /** Of two at one moment the one that was armed first: so a set gives them. */
  const first = (): Timer | undefined => {
    let found: Timer | undefined;
    for (const timer of timers) if (found === undefined || timer.at < found.at) found = timer;
    return found;
  };
  const arm = (ms: number, _hold: boolean, fire: () => void): (() => void) => {
    const timer = { at: mono + Math.max(ms, 0), fire };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    ...clockOfTimers({ now: () => ({ mono, wall: mono + offset }), arm }),
    advance: async (ms) => {
      const end = mono + ms;
      await settle();
      for (let timer = first(); timer !== undefined && timer.at <= end; timer = first()) {
        timers.delete(timer);
        mono = Math.max(mono, timer.at);
        timer.fire();
        await settle();
      }
      mono = end;
      await settle();
    },
    pending: () => timers.size,
    next: () => {
      const timer = first();
      return timer === undefined ? undefined : timer.at - mono;
    },
    jumpWall: (ms) => {
      offset += ms;
    },
  };
};
