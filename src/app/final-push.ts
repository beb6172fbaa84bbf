import { backoffMs } from "../core/backoff.ts";
import { toKgsyncError } from "../core/errors.ts";
import { bringMerged } from "./bring-merged.ts";
import type { Budget } from "./budget.ts";
import { type Pushed, type Pushing, pushAll } from "./push-all.ts";

export type FinalPushOptions = {
  /** What the shrink guard may let pass; see `PushGraphOptions`. */
  readonly allowed: string | undefined;
  /** Where the push has merged, the disk gets the whole too: no app runs that would overwrite it. */
  readonly disk: boolean;
};

/** The last word: looks and tries until everything is in the bucket, or trying again cannot help, or the time is up. */
export const finalPush = async (
  pushing: Pushing,
  budget: Budget,
  { allowed, disk }: FinalPushOptions,
): Promise<Pushed> => {
  const { clock, random } = pushing.io;
  for (let n = 0; ; n++) {
    const pushed = await pushAll(pushing, { final: true, allowed }, budget);
    const hopeless = pushed.data === "safe" || pushed.retry === "none" || pushed.error?.retryable === false;
    if (pushed.data === "safe" && disk) await toDisk(pushing);
    if (hopeless || budget.signal.aborted) return pushed;
    await clock.sleep(Math.min(backoffMs(n, random.fraction()), budget.remaining() / 4), budget.signal);
  }
};

/** All is in the bucket; if the disk cannot take it, the next start pulls it. */
const toDisk = async ({ io, folder }: Pushing): Promise<void> => {
  try {
    await bringMerged(io, folder, true); // what a next child of this folder drops of it, it does not know
  } catch (thrown) {
    io.log.warn("disk.not-merged", "what others added could not be written to the disk", {
      err: toKgsyncError(thrown),
    });
  }
};
