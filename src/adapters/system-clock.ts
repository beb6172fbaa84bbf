import type { Clock } from "../ports/clock.ts";
import { clockOfTimers } from "./clock-of-timers.ts";

/** setTimeout takes at most 2^31-1 ms, 24.8 days, and fires at once when given more. */
const LONGEST = 2 ** 31 - 1;

/** Longer times are waited for in parts. */
const arm = (ms: number, hold: boolean, callback: () => void): (() => void) => {
  let timer: NodeJS.Timeout | undefined;
  const next = (left: number): void => {
    const part = Math.min(left, LONGEST);
    timer = setTimeout(() => (left > part ? next(left - part) : callback()), part);
    if (!hold) timer.unref();
  };
  next(Math.max(ms, 0));
  return () => clearTimeout(timer);
};

/** This machine's clocks and timers: the only place that reads them. */
export const createSystemClock = (): Clock =>
  clockOfTimers({ now: () => ({ mono: performance.now(), wall: Date.now() }), arm });
