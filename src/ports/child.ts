import type { ChildStatus } from "../core/child-status.ts";

export type ChildCommand = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string>>;
};

/** A started program. Its process group is its own unless it shares the terminal. */
export type Child = {
  readonly pid: number;
  /** Resolves once, when the program itself has ended (not when its pipes are closed). Never rejects. */
  readonly ended: Promise<ChildStatus>;
  /** Sends the signal, by number, once, to the group. No effect when nobody is left. Never throws. */
  readonly signal: (signal: number) => void;
  /** Ends what is left of the group: TERM, up to `quietMs`, KILL; resolves when nobody is left (zombies do not count). */
  readonly endGroup: (quietMs: number) => Promise<void>;
};

/** Resolves when the program has been exec'ed. Rejects with KgsyncError `command-not-found` or `command-not-executable`. */
export type Spawn = (command: ChildCommand) => Promise<Child>;
