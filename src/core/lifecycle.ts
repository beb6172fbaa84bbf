import { type ChildStatus, exitCodeOf } from "./child-status.ts";
import { ERRORS } from "./errors.ts";
import type { DataSafety, LifecycleCommand, LifecycleEvent, LifecycleState } from "./lifecycle-types.ts";

const SIGKILL = 9;
const SIGTERM = 15;

type Step = readonly [LifecycleState, readonly LifecycleCommand[]];

/** The first step is always to own the local files. */
export const initialState: LifecycleState = {
  phase: "owning",
  push: "none",
  again: false,
  stop: undefined,
  sent: [],
  child: undefined,
  fault: "none",
};

/**
 * The container's whole life as one pure function: what happened → what to do next. `stops` are the signals that start the
 * shutdown. Events that make no sense in a phase (a late timer, a second end) change nothing.
 */
export const transition = (s: LifecycleState, e: LifecycleEvent, stops: ReadonlySet<number>): Step => {
  if (s.phase === "done") return [s, []];
  switch (e.type) {
    case "owned":
      return s.phase === "owning" ? [{ ...s, phase: "pulling" }, [{ do: "pull" }]] : [s, []];
    case "pulled":
      return s.phase === "pulling" ? [{ ...s, phase: "spawning" }, [{ do: "spawn" }]] : [s, []];
    case "spawned":
      return s.phase === "spawning" ? onSpawned(s) : [s, []];
    case "start-failed":
      return isStarting(s) ? finish(s, e.exit, "untouched") : [s, []];
    case "signal":
      return onSignal(s, e.signal, stops);
    case "child-ended":
      return onChildEnded(s, e.status);
    case "group-ended":
      return s.phase === "ending" ? onGroupEnded(s) : [s, []];
    case "kill-deadline":
      return onKillDeadline(s);
    case "exit-deadline":
      return isArmed(s) ? finish(s, exitCode(s, "unsafe"), "unsafe") : [s, []];
    case "look":
      return onLook(s);
    case "push-ended":
      return onPushEnded(s, e.data);
    case "disowned":
    case "bug":
      return onFault(s, e.type);
  }
};

const isStarting = (s: LifecycleState): boolean =>
  s.phase === "owning" || s.phase === "pulling" || s.phase === "spawning";
const isAlive = (s: LifecycleState): boolean => s.phase === "running" || s.phase === "stopping";
/** A clock runs. Without one a deadline is a stray timer, and must not leave a running app behind. */
const isArmed = (s: LifecycleState): boolean => s.stop !== undefined || s.phase === "ending" || s.phase === "pushing";

const sending = (s: LifecycleState, signal: number): LifecycleState => ({
  ...s,
  sent: [...new Set([...s.sent, signal])].sort((a, b) => a - b),
});

/** A stop that came while the program was being exec'ed reaches it as its first signal. */
const onSpawned = (s: LifecycleState): Step => {
  const signal = s.stop ?? (s.fault === "none" ? undefined : SIGTERM);
  return signal === undefined ? [{ ...s, phase: "running" }, []] : stopping(s, signal);
};

/** Forward at once, start the clock, and save what is settled beside the app's own stop. */
const stopping = (s: LifecycleState, signal: number): Step => {
  const next: LifecycleState = { ...sending(s, signal), phase: "stopping", stop: s.stop ?? signal };
  const clock: readonly LifecycleCommand[] = s.stop === undefined ? [{ do: "arm-stop" }] : [];
  const commands: readonly LifecycleCommand[] = [{ do: "forward", signal }, ...clock];
  if (s.fault === "disowned") return [next, commands];
  if (s.push !== "none") return [{ ...next, again: true }, commands];
  return [{ ...next, push: "interim" }, [...commands, { do: "push", final: false }]];
};

const onSignal = (s: LifecycleState, signal: number, stops: ReadonlySet<number>): Step => {
  const stop = stops.has(signal);
  switch (s.phase) {
    case "owning":
    case "pulling": {
      if (!stop) return [s, []];
      const [next, commands] = finish({ ...s, stop: signal }, 128 + signal, "untouched");
      return [next, [{ do: "abort-start" }, ...commands]];
    }
    case "running":
      return stop ? stopping(s, signal) : [sending(s, signal), [{ do: "forward", signal }]];
    case "stopping":
      return [sending(s, signal), [{ do: "forward", signal }]];
    default: // spawning, ending, pushing: there is nobody to forward to, but the grace now runs
      return stop && s.stop === undefined ? [{ ...s, stop: signal }, [{ do: "arm-stop" }]] : [s, []];
  }
};

const onChildEnded = (s: LifecycleState, child: ChildStatus): Step => {
  if (!isAlive(s)) return [s, []];
  const clock: readonly LifecycleCommand[] = s.phase === "running" ? [{ do: "arm-final" }] : [];
  return [{ ...s, phase: "ending", child }, [...clock, { do: "end-group" }]];
};

/** Nobody writes any more. A push that is still on the wire has old bytes: the final one comes after it. */
const onGroupEnded = (s: LifecycleState): Step => {
  if (s.fault === "disowned") return finish(s, exitCode(s, "unsafe"), "unsafe");
  return s.push === "none" ? pushFinal(s) : [{ ...s, phase: "pushing" }, [{ do: "hurry-push" }]];
};

const pushFinal = (s: LifecycleState): Step => [
  { ...s, phase: "pushing", push: "final", again: false },
  [{ do: "push", final: true }],
];

const onKillDeadline = (s: LifecycleState): Step => {
  if (s.phase === "stopping") return [sending(s, SIGKILL), [{ do: "kill-group" }]];
  return [s, s.phase === "ending" ? [{ do: "kill-group" }] : []];
};

const onLook = (s: LifecycleState): Step => {
  if (!isAlive(s) || s.fault === "disowned") return [s, []];
  return s.push === "none" ? [{ ...s, push: "interim" }, [{ do: "push", final: false }]] : [{ ...s, again: true }, []];
};

const onPushEnded = (s: LifecycleState, data: DataSafety): Step => {
  if (s.push === "final") return finish(s, exitCode(s, data), data);
  if (s.push === "none") return [s, []];
  const next: LifecycleState = { ...s, push: "none" };
  if (s.phase === "pushing") return pushFinal(next);
  return s.again && s.fault !== "disowned" && isAlive(s)
    ? [{ ...next, again: false, push: "interim" }, [{ do: "push", final: false }]]
    : [{ ...next, again: false }, []];
};

/**
 * The app must not go on unseen: it is stopped like on a signal, and what may be saved is saved. Losing the files outweighs
 * a defect that came before it: a push would then carry another app's bytes.
 */
const onFault = (s: LifecycleState, fault: "disowned" | "bug"): Step => {
  const next: LifecycleState = { ...s, fault: s.fault === "disowned" ? s.fault : fault };
  if (s.phase === "owning" || s.phase === "pulling") {
    const [done, commands] = finish(next, ERRORS[fault === "bug" ? "bug" : "local-busy"].exit, "untouched");
    return [done, [{ do: "abort-start" }, ...commands]];
  }
  if (s.phase === "running") return stopping(next, SIGTERM);
  if (s.phase === "pushing" && fault === "disowned") return finish(next, exitCode(next, "unsafe"), "unsafe");
  return [next, []];
};

/**
 * The app's own code, 128 + n for a signal; 75 when the app was fine, or died of a signal that we sent, but its last save
 * is not known to be in the bucket; 70 for a defect of ours where the app itself was fine.
 */
const exitCode = (s: LifecycleState, data: DataSafety): number => {
  if (s.child !== undefined && !isFine(s.child, s.sent)) return exitCodeOf(s.child);
  if (data === "unsafe") return ERRORS["not-durable"].exit;
  return s.child === undefined || s.fault === "bug" ? ERRORS.bug.exit : exitCodeOf(s.child);
};

const isFine = (child: ChildStatus, sent: readonly number[]): boolean =>
  child.kind === "exited" ? child.code === 0 : sent.includes(child.signal);

const finish = (s: LifecycleState, code: number, data: DataSafety | "untouched"): Step => [
  { ...s, phase: "done", push: "none", again: false },
  [{ do: "exit", code, data }],
];
