import { planStop, type StopPlan } from "../core/stop-plan.ts";
import type { Clock } from "../ports/clock.ts";

/** The deadlines of the shutdown, as timers. What was armed is only ever shortened. */
export type StopClock = {
  /** The stop plan's clock starts now. Answers the plan. */
  readonly armStop: (graceMs: number, lastUploadMs: number) => StopPlan;
  /** The app ended by itself: only the exit has a limit. */
  readonly armFinal: (ms: number) => void;
  /** When the program must end, on the monotonic clock; `undefined` while nothing is armed. */
  readonly exitAt: () => number | undefined;
  /** Milliseconds until an app that still runs is killed; `undefined` while nothing is armed. */
  readonly untilKill: () => number | undefined;
  readonly close: () => void;
};

export const createStopClock = (clock: Clock, onKill: () => void, onExit: () => void): StopClock => {
  let killAt: number | undefined;
  let exitAt: number | undefined;
  let cancelKill = (): void => undefined;
  let cancelExit = (): void => undefined;
  const arm = (exitMono: number): void => {
    if (exitAt !== undefined && exitAt <= exitMono) return;
    exitAt = exitMono;
    cancelExit();
    cancelExit = clock.after(Math.max(0, exitMono - clock.now().mono), onExit);
  };
  return {
    armStop: (graceMs, lastUploadMs) => {
      const now = clock.now().mono;
      const plan = planStop(graceMs, lastUploadMs);
      if (killAt === undefined) {
        killAt = now + plan.killAt;
        cancelKill = clock.after(plan.killAt, onKill);
      }
      arm(now + plan.exitAt);
      return plan;
    },
    armFinal: (ms) => arm(clock.now().mono + ms),
    exitAt: () => exitAt,
    untilKill: () => (killAt === undefined ? undefined : Math.max(0, killAt - clock.now().mono)),
    close: () => {
      cancelKill();
      cancelExit();
    },
  };
};
