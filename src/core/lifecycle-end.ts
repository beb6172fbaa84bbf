import { type ChildStatus, exitCodeOf } from "./child-status.ts";
import { ERRORS } from "./errors.ts";
import type { LifecycleCommand, LifecycleState, Step, Verdict } from "./lifecycle-types.ts";

const SIGKILL = 9;

const isAlive = (s: LifecycleState): boolean => s.phase === "running" || s.phase === "stopping";

export const onChildEnded = (s: LifecycleState, child: ChildStatus): Step => {
  if (!isAlive(s)) return [s, []];
  const clock: readonly LifecycleCommand[] = s.phase === "running" ? [{ do: "arm-final" }] : [];
  return [{ ...s, phase: "ending", child }, [...clock, { do: "end-group" }]];
};

/** Nobody writes any more. A push that is still on the wire has old bytes: the final one comes after it. */
export const onGroupEnded = (s: LifecycleState): Step => {
  if (s.fault === "disowned") return finish(s, exitCode(s, "unsafe"), "unsafe");
  return s.push === "none" ? pushFinal(s) : [{ ...s, phase: "pushing" }, [{ do: "hurry-push" }]];
};

const pushFinal = (s: LifecycleState): Step => [
  { ...s, phase: "pushing", push: "final", again: false },
  [{ do: "push", final: true }],
];

export const onKillDeadline = (s: LifecycleState): Step => {
  if (s.phase === "stopping") return [{ ...s, sent: [...new Set([...s.sent, SIGKILL])].sort((a, b) => a - b) }, KILL];
  return [s, s.phase === "ending" ? KILL : []];
};

const KILL: readonly LifecycleCommand[] = [{ do: "kill-group" }];

export const onExitDeadline = (s: LifecycleState): Step =>
  isArmed(s) ? finish(s, exitCode(s, "unsafe"), "unsafe") : [s, []];

/** A clock runs for the exit. Without one a deadline is a stray timer, and must not leave a running app behind. */
const isArmed = (s: LifecycleState): boolean =>
  s.stop !== undefined || (s.cycle === "none" && (s.phase === "ending" || s.phase === "pushing"));

export const onPushEnded = (s: LifecycleState, data: Verdict): Step => {
  if (s.push === "none") return [s, []];
  if (s.push === "final") return s.cycle === "none" ? finish(s, exitCode(s, data), data) : nextLife(s, data);
  const next: LifecycleState = { ...s, push: "none" };
  if (s.phase === "pushing") return pushFinal(next);
  return s.again && s.fault !== "disowned" && isAlive(s)
    ? [{ ...next, again: false, push: "interim" }, [{ do: "push", final: false }]]
    : [{ ...next, again: false }, []];
};

/**
 * A cycle never ends the program. The lease is given up only when the bucket has it all: else the next holder would begin
 * without the last save. It is still ours then, and so is the disk.
 */
const nextLife = (s: LifecycleState, saved: Verdict): Step => {
  const fresh: LifecycleState = { ...s, cycle: "none", saved, push: "none", again: false, sent: [], child: undefined };
  if (s.cycle === "hand-over" && saved === "safe")
    return [{ ...fresh, phase: "leasing" }, [{ do: "release-lease" }, { do: "lease", ask: false }]];
  return [{ ...fresh, phase: "pulling" }, [{ do: "pull", after: s.cycle === "restart" ? "restart" : "kept" }]];
};

/**
 * The app's own code, 128 + n for a signal; 75 when the app was fine, or died of a signal that we sent, but its last save
 * is not known to be in the bucket, or the lease is lost; 70 for a defect of ours where the app itself was fine.
 */
export const exitCode = (s: LifecycleState, data: Verdict): number => {
  if (s.child !== undefined && !isFine(s.child, s.sent)) return exitCodeOf(s.child);
  if (data === "unsafe") return ERRORS["not-durable"].exit;
  if (s.fault === "fenced") return ERRORS["lease-busy"].exit;
  return s.child === undefined || s.fault === "bug" ? ERRORS.bug.exit : exitCodeOf(s.child);
};

const isFine = (child: ChildStatus, sent: readonly number[]): boolean =>
  child.kind === "exited" ? child.code === 0 : sent.includes(child.signal);

/** The last step of all. */
export const finish = (s: LifecycleState, code: number, data: Verdict): Step => [
  { ...s, phase: "done", push: "none", again: false },
  [{ do: "exit", code, data }],
];
