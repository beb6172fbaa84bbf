/** When a holder renews, and when it must stop: milliseconds from when its last successful write *was sent*. */
export type Term = {
  /** Three renewals fit into a time to live. */
  readonly renewMs: number;
  /**
   * A rival counts the whole time to live from when it saw that write, which is later than when it was sent: who stops here
   * has stopped before anybody else may begin. The fifth that is left is for the difference between two clocks' speeds, and
   * for the app to end.
   */
  readonly fenceMs: number;
};

export const planTerm = (ttlMs: number): Term => ({ renewMs: ttlMs / 3, fenceMs: ttlMs * 0.8 });

/** How often a lease that another holds is looked at: a tenth of the time to live, within limits. Milliseconds. */
export const lookEvery = (ttlMs: number): number => Math.min(3000, Math.max(250, ttlMs / 10));
