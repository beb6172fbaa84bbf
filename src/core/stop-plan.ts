/** All times in milliseconds from the stop signal. */
export type StopPlan = {
  /** When an app that still runs is killed, to leave time for the final push. */
  readonly killAt: number;
  /** When the program ends, whatever is still under way. */
  readonly exitAt: number;
};

/**
 * Splits the grace (PROTOCOL: "Stop, in numbers"):
 * budget = grace − max(0.25 s, 5 %); reserve for the final push = min(0.4 × budget, max(2 s, 3 × last upload + 1 s)).
 */
export const planStop = (graceMs: number, lastUploadMs: number): StopPlan => {
  const budget = Math.max(0, graceMs - Math.max(250, graceMs * 0.05));
  const reserve = Math.min(0.4 * budget, Math.max(2000, 3 * lastUploadMs + 1000));
  return { killAt: budget - reserve, exitAt: budget };
};

/** One attempt may take at most a third of what remains, so that a lost one leaves time to look and to try again. */
export const attemptLimit = (remainingMs: number): number => Math.max(0, remainingMs / 3);
