import type { ChildStatus } from "./child-status.ts";

/** What can happen to the container, from whatever source. `exit` is an exit code from the error table. */
export type LifecycleEvent =
  | { readonly type: "owned" }
  | { readonly type: "pulled" }
  | { readonly type: "spawned" }
  /** Owning, pulling or spawning failed. */
  | { readonly type: "start-failed"; readonly exit: number }
  | { readonly type: "signal"; readonly signal: number }
  | { readonly type: "child-ended"; readonly status: ChildStatus }
  /** Nobody of the child's group is left. */
  | { readonly type: "group-ended" }
  | { readonly type: "kill-deadline" }
  | { readonly type: "exit-deadline" }
  /** A hint or the timer: look whether there is something to push. */
  | { readonly type: "look" }
  | { readonly type: "push-ended"; readonly data: DataSafety }
  /** Another wrapper owns the local files: nothing may be written any more. */
  | { readonly type: "disowned" }
  | { readonly type: "bug" };

/** `safe`: all local work is known to be in the bucket. */
export type DataSafety = "safe" | "unsafe";

/** What the shell must do next. Each runs on its own and reports by an event; none may block the loop. */
export type LifecycleCommand =
  | { readonly do: "own" }
  | { readonly do: "pull" }
  | { readonly do: "spawn" }
  | { readonly do: "forward"; readonly signal: number }
  /** Starts the clock of the stop plan; a second call shortens what was armed, never lengthens it. */
  | { readonly do: "arm-stop" }
  /** The app ended by itself: the final push has its own, longer limit. */
  | { readonly do: "arm-final" }
  | { readonly do: "end-group" }
  | { readonly do: "kill-group" }
  | { readonly do: "push"; readonly final: boolean }
  /** The push on the wire must end soon: the final one waits for it. */
  | { readonly do: "hurry-push" }
  /** Stops owning or pulling at once. */
  | { readonly do: "abort-start" }
  | { readonly do: "exit"; readonly code: number; readonly data: DataSafety | "untouched" };

export type Phase = "owning" | "pulling" | "spawning" | "running" | "stopping" | "ending" | "pushing" | "done";

export type LifecycleState = {
  readonly phase: Phase;
  /** The push on the wire. There is never more than one. */
  readonly push: "none" | "interim" | "final";
  /** Something changed while a push was on the wire. */
  readonly again: boolean;
  /** The first stop signal. */
  readonly stop: number | undefined;
  /** Signals that we sent to the child, ascending: its death by one of them is not its own failure. */
  readonly sent: readonly number[];
  readonly child: ChildStatus | undefined;
  /** We lost the local files or hit a defect: the reason decides the exit code. */
  readonly fault: "none" | "disowned" | "bug";
};
