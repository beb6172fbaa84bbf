import { finish, onChildEnded, onExitDeadline, onGroupEnded, onKillDeadline, onPushEnded } from "./lifecycle-end.ts";
import { beginCycle, onFault, onSignal, onSpawned, sending } from "./lifecycle-stop.ts";
import type { Cycle, LifecycleEvent, LifecycleState, Step } from "./lifecycle-types.ts";
import type { SignalRules } from "./signal-rules.ts";

/** The first step is always to own the local files. `lease`: the second is to get the lease. */
export const initialState = (lease: boolean): LifecycleState => ({
  phase: "owning",
  lease,
  cycle: "none",
  saved: "untouched",
  push: "none",
  again: false,
  stop: undefined,
  sent: [],
  child: undefined,
  fault: "none",
});

/**
 * The container's whole life as one pure function: what happened → what to do next. `rules` say what signals
 * mean. Events that make no sense in a phase (a late timer, a second end) change nothing.
 */
export const transition = (s: LifecycleState, e: LifecycleEvent, rules: SignalRules): Step => {
  if (s.phase === "done") return [s, []];
  switch (e.type) {
    case "owned":
    case "leased":
    case "pulled":
    case "spawned":
    case "start-failed":
      return onStart(s, e, rules);
    case "signal":
      return onSignal(s, e.signal, rules);
    case "child-ended":
      return onChildEnded(s, e.status);
    case "group-ended":
      return s.phase === "ending" ? onGroupEnded(s) : [s, []];
    case "kill-deadline":
      return onKillDeadline(s);
    case "exit-deadline":
      return onExitDeadline(s);
    case "look":
      return onLook(s);
    case "push-ended":
      return onPushEnded(s, e.data);
    case "adopted":
    case "remote-changed":
    case "hand-over":
    case "fenced":
      return onOthers(s, e, rules);
    case "disowned":
    case "bug":
      return onFault(s, e.type, rules);
  }
};

/** The steps of the start, each of which only counts in its own phase. */
const onStart = (
  s: LifecycleState,
  e: Extract<LifecycleEvent, { type: "owned" | "leased" | "pulled" | "spawned" | "start-failed" }>,
  rules: SignalRules,
): Step => {
  if (e.type === "start-failed") return isStarting(s) ? finish(s, e.exit, s.saved) : [s, []];
  if (STEP_OF[s.phase] !== e.type) return [s, []];
  switch (e.type) {
    case "owned":
      return s.lease ? [{ ...s, phase: "leasing" }, [{ do: "lease", ask: true }]] : pulling(s);
    case "leased":
      return pulling(s);
    case "pulled":
      return [{ ...s, phase: "spawning" }, [{ do: "spawn" }]];
    case "spawned":
      return onSpawned(s, rules);
  }
};

const STEP_OF: Readonly<Partial<Record<LifecycleState["phase"], LifecycleEvent["type"]>>> = {
  owning: "owned",
  leasing: "leased",
  pulling: "pulled",
  spawning: "spawned",
};

const isStarting = (s: LifecycleState): boolean => STEP_OF[s.phase] !== undefined;

const pulling = (s: LifecycleState): Step => [{ ...s, phase: "pulling" }, [{ do: "pull", after: "nothing" }]];

/** What other writers do. A lease can only be lost or asked for while it is held. */
const onOthers = (
  s: LifecycleState,
  e: Extract<LifecycleEvent, { type: "adopted" | "remote-changed" | "hand-over" | "fenced" }>,
  rules: SignalRules,
): Step => {
  switch (e.type) {
    case "adopted":
      return s.phase === "running" ? [sending(s, e.signal), [{ do: "forward", signal: e.signal }]] : [s, []];
    case "remote-changed":
      return s.phase === "running" ? beginCycle(s, "restart", rules) : [s, []];
    case "hand-over":
      return s.lease ? onHandOver(s, rules) : [s, []];
    case "fenced":
      return s.lease && s.phase !== "owning" && s.phase !== "leasing" ? onFault(s, e.type, rules) : [s, []];
  }
};

const onLook = (s: LifecycleState): Step => {
  const alive = s.phase === "running" || s.phase === "stopping";
  if (!alive || s.fault === "disowned") return [s, []];
  return s.push === "none" ? [{ ...s, push: "interim" }, [{ do: "push", final: false }]] : [{ ...s, again: true }, []];
};

/** It is asked for once: while the app cannot be stopped yet the wish is kept. A real end gives the lease up anyway. */
const onHandOver = (s: LifecycleState, rules: SignalRules): Step => {
  const cycle: Cycle = "hand-over";
  switch (s.phase) {
    case "running":
      return beginCycle(s, cycle, rules);
    case "pulling":
      return [{ ...s, cycle }, []];
    case "spawning":
      return s.stop === undefined && s.fault === "none" ? [{ ...s, cycle }, []] : [s, []];
    default:
      return s.cycle === "restart" ? [{ ...s, cycle }, []] : [s, []];
  }
};
