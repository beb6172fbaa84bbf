import { planStop, type StopPlan } from "../core/stop-plan.ts";
import type { Clock } from "../ports/clock.ts";

/** The deadlines of the shutdown, as timers. What was armed is only ever shortened. */
export type StopClock = {
  /** The stop plan's clock starts now. Answers the plan. */
  readonly armStop: (graceMs: number, lastUploadMs: number) => StopPlan;
  /** The app alone is stopped: only the kill has a limit. Answers it, in milliseconds from now. */
  readonly armCycle: (graceMs: number, lastUploadMs: number) => number;
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
  const armKill = (ms: number): void => {
    if (killAt !== undefined) return;
    killAt = clock.now().mono + ms;
    cancelKill = clock.after(ms, onKill);
  };
  return {
    armStop: (graceMs, lastUploadMs) => {
      const plan = planStop(graceMs, lastUploadMs);
      armKill(plan.killAt);
      arm(clock.now().mono + plan.exitAt);
      return plan;
    },
    armCycle: (graceMs, lastUploadMs) => {
      const { killAt: ms } = planStop(graceMs, lastUploadMs);
      armKill(ms);
      return ms;
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
