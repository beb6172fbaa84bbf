import { backoffMs } from "../core/backoff.ts";
import type { Budget } from "./budget.ts";
import { type Pushed, type Pushing, pushAll } from "./push-all.ts";

/** The last word: looks and tries until everything is in the bucket, or trying again cannot help, or the time is up. */
export const finalPush = async (pushing: Pushing, budget: Budget, allowed?: string): Promise<Pushed> => {
  const { clock, random } = pushing.io;
  for (let n = 0; ; n++) {
    const pushed = await pushAll(pushing, { final: true, allowed }, budget);
    const hopeless = pushed.data === "safe" || pushed.retry === "none" || pushed.error?.retryable === false;
    if (hopeless || budget.signal.aborted) return pushed;
    await clock.sleep(Math.min(backoffMs(n, random.fraction()), budget.remaining() / 4), budget.signal);
  }
};
