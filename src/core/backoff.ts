export type BackoffLimits = {
  /** Milliseconds that the first retry waits at most. */
  readonly baseMs: number;
  /** Milliseconds that any retry waits at most. */
  readonly capMs: number;
};

export const BACKOFF: BackoffLimits = { baseMs: 200, capMs: 10_000 };

/**
 * Milliseconds to wait before a retry: "full jitter", a uniform part of a limit that doubles up to the cap
 * (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). Writers that failed together, or lost
 * the same race, must not come back together. `attempt` counts from 0; `fraction` is random in [0, 1).
 */
export const backoffMs = (attempt: number, fraction: number, limits: BackoffLimits = BACKOFF): number =>
  fraction * Math.min(limits.capMs, limits.baseMs * 2 ** attempt);
