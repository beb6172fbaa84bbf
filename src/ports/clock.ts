/** `mono`: milliseconds on a clock that never jumps, for durations. `wall`: Unix milliseconds, for names and records only. */
export type Instant = { readonly mono: number; readonly wall: number };

export type Clock = {
  readonly now: () => Instant;
  /** Calls back once, after `ms` milliseconds (0 or more). The returned function cancels it and may be called twice. */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Resolves after `ms`, or early (also resolving) when `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** A signal that aborts after `ms`, or with `parent`. `cancel` frees the timer and may be called twice. */
  readonly timeout: (ms: number, parent?: AbortSignal) => { readonly signal: AbortSignal; readonly cancel: () => void };
};
