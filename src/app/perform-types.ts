import type { KgsyncError } from "../core/errors.ts";
import type { Child } from "../ports/child.ts";
import type { OwnedLock } from "../ports/owner-lock.ts";
import type { Hints } from "./hints.ts";
import type { LeaseRules } from "./hold-lease.ts";
import type { Io } from "./io.ts";
import type { Pushed } from "./push-all.ts";

/** What is done when the bucket's graph changes while the app runs: it is looked at every `everyMs`. `signal`: its number. */
export type RemoteRule = { readonly everyMs: number } & (
  | { readonly kind: "restart" }
  | { readonly kind: "signal"; readonly signal: number }
);

/** What one run needs from outside, beside the ports. */
export type Run = {
  readonly io: Io;
  /** Resolves when the local files are ours; `undefined` when `signal` aborted first. */
  readonly own: (signal: AbortSignal) => Promise<OwnedLock | undefined>;
  /** Absent: this run does without. */
  readonly lease?: LeaseRules | undefined;
  /** The app is not ours: others start and stop it, and it may run whenever we do. */
  readonly beside?: boolean | undefined;
  /** Called once in a life, before `spawn`, when there is time for what the spawn will need. Must not throw. */
  readonly prepareSpawn?: () => void;
  readonly spawn: () => Promise<Child>;
  /** Starts watching and the timer; `look` may be called from then on. */
  readonly watch: (look: () => void, pid: number) => Hints;
  /** Absent: what others write is seen at the next start. */
  readonly onRemoteChange?: RemoteRule | undefined;
  readonly graceMs: number;
  readonly quiesceMs: number;
  /** One request's limit while nothing is being stopped. */
  readonly attemptMs: number;
};

/** What the last line and the status file tell. */
export type Facts = {
  readonly failure: () => KgsyncError | undefined;
  readonly lastPush: () => Pushed | undefined;
  readonly lock: () => OwnedLock | undefined;
  /** Why the lease was lost. */
  readonly fenced: () => string | undefined;
  /** Of the lease that we hold. */
  readonly epoch: () => number | undefined;
  /** Who holds the lease while the app runs without the right to push. */
  readonly readonlyUnder: () => string | undefined;
};
