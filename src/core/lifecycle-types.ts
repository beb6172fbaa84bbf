import type { ChildStatus } from "./child-status.ts";

/** What can happen to the container, from whatever source. `exit` is an exit code from the error table. */
export type LifecycleEvent =
  | { readonly type: "owned" }
  /** The lease is ours, or this run does without it. */
  | { readonly type: "leased" }
  | { readonly type: "pulled" }
  | { readonly type: "spawned" }
  /** Owning, leasing, pulling or spawning failed. */
  | { readonly type: "start-failed"; readonly exit: number }
  | { readonly type: "signal"; readonly signal: number }
  | { readonly type: "child-ended"; readonly status: ChildStatus }
  /** Nobody of the child's group is left. */
  | { readonly type: "group-ended" }
  | { readonly type: "kill-deadline" }
  | { readonly type: "exit-deadline" }
  /** A hint or the timer: look whether there is something to push. */
  | { readonly type: "look" }
  | { readonly type: "push-ended"; readonly data: Verdict }
  /** Somebody else has written the bucket's graph, and the app is to be started anew on it. */
  | { readonly type: "remote-changed" }
  /** The file was replaced under the app, which is told so by this signal. */
  | { readonly type: "adopted"; readonly signal: number }
  /** A wrapper that stands by asks for the lease. */
  | { readonly type: "hand-over" }
  /** The lease is lost: somebody else may run the app from now on. */
  | { readonly type: "fenced" }
  /** Another wrapper owns the local files: nothing may be written any more. */
  | { readonly type: "disowned" }
  | { readonly type: "bug" };

/** `safe`: all local work is known to be in the bucket. */
export type DataSafety = "safe" | "unsafe";

/** `untouched`: kgsync had no part in what became of local work. */
export type Verdict = DataSafety | "untouched";

/** Why the app is stopped, and not the program: it goes on from the pull, or stands by. */
export type Cycle = "restart" | "hand-over";

/** What the shell must do next. Each runs on its own and reports by an event; none may block the loop. */
export type LifecycleCommand =
  | { readonly do: "own" }
  /** `ask`: the holder may be asked to give it up. Never after a hand-over: two would pass it to and fro for ever. */
  | { readonly do: "lease"; readonly ask: boolean }
  | { readonly do: "release-lease" }
  /** `after`: what ended the life before, `kept` if that was a hand-over that could not be made good. */
  | { readonly do: "pull"; readonly after: "nothing" | "restart" | "kept" }
  | { readonly do: "spawn" }
  | { readonly do: "forward"; readonly signal: number }
  /** Starts the clock of the stop plan; a second call shortens what was armed, never lengthens it. */
  | { readonly do: "arm-stop" }
  /** The app alone is stopped: a clock for the kill, none for the exit. */
  | { readonly do: "arm-cycle" }
  /** The app ended by itself: the final push has its own, longer limit. */
  | { readonly do: "arm-final" }
  | { readonly do: "end-group" }
  | { readonly do: "kill-group" }
  | { readonly do: "push"; readonly final: boolean }
  /** The push on the wire must end soon: the final one waits for it. */
  | { readonly do: "hurry-push" }
  /** Stops owning, leasing or pulling at once. */
  | { readonly do: "abort-start" }
  | { readonly do: "exit"; readonly code: number; readonly data: Verdict };

/** In the order in which they come. */
export const PHASES = [
  "owning",
  "leasing",
  "pulling",
  "spawning",
  "running",
  "stopping",
  "ending",
  "pushing",
  "done",
] as const;
export type Phase = (typeof PHASES)[number];

export type LifecycleState = {
  readonly phase: Phase;
  /** KGSYNC_LEASE: there is a phase between owning and pulling. */
  readonly lease: boolean;
  /** The app is to be stopped, or is being stopped, without the program. A real stop or a fault ends it. */
  readonly cycle: Cycle | "none";
  /** What the last push of the life before this one said. */
  readonly saved: Verdict;
  /** The push on the wire. There is never more than one. */
  readonly push: "none" | "interim" | "final";
  /** Something changed while a push was on the wire. */
  readonly again: boolean;
  /** The first stop signal. */
  readonly stop: number | undefined;
  /** Signals that we sent to the child, ascending: its death by one of them is not its own failure. */
  readonly sent: readonly number[];
  readonly child: ChildStatus | undefined;
  /** We lost the local files or the lease, or hit a defect: the reason decides the exit code. */
  readonly fault: Fault | "none";
};

export type Fault = "disowned" | "fenced" | "bug";

export type Step = readonly [LifecycleState, readonly LifecycleCommand[]];
