/** The proof that this process owns the local files. */
export type OwnedLock = {
  /** Ours alone: 32 hexadecimal digits, new with every acquisition. */
  readonly id: string;
  /**
   * Whether nobody has taken over, as after this machine was suspended for longer than the heartbeat may stand still. Ask
   * before every write; cheap. Rejects with KgsyncError `disk`.
   */
  readonly stillOurs: () => Promise<boolean>;
  /** Lets the next one in at once. May be called twice. Never rejects: who cannot say so is found dead instead. */
  readonly release: () => Promise<void>;
};

/** `holder` names the other owner for a message. */
export type Acquired =
  | { readonly kind: "held"; readonly lease: OwnedLock }
  | { readonly kind: "busy"; readonly holder: string };

/**
 * `nobody`: there has never been an owner here. `dead`: the last one has ended, or was killed; certain. `silent`: it is there
 * and does not answer in time. `unsure`: only its heartbeat could tell (another machine, no such sockets).
 */
export type OwnerReply =
  | { readonly kind: "answer"; readonly line: string }
  | { readonly kind: "nobody" | "dead" | "silent" | "unsure" };

/**
 * One process owns one local graph: two wrappers on one file would each read the other app's save as removals.
 * Everything rejects with KgsyncError `disk` and nothing else.
 */
export type OwnerLock = {
  /**
   * One try. Where only a heartbeat can tell whether the last holder lives (another machine, or this one before it was
   * started again), that is up to 30 s of watching; otherwise the answer comes at once. `busy` also when `signal` aborts.
   */
  readonly acquire: (signal: AbortSignal) => Promise<Acquired>;
  /** Tries until it is ours; `undefined` when `signal` aborts. `onBusy` is called once per holder that is waited for. */
  readonly acquireWaiting: (signal: AbortSignal, onBusy: (holder: string) => void) => Promise<OwnedLock | undefined>;
  /** Asks the present holder one line, and waits at most `ms` for its answer. Makes no folder. */
  readonly ask: (line: string, ms: number, signal: AbortSignal) => Promise<OwnerReply>;
};
