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

/** A quarter of what is left of the time never comes to its end. */
const SHORTEST_MS = 1;

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
    if (pushed.data === "safe") await settleDown(pushing, disk);
    if (hopeless || budget.signal.aborted) return pushed;
    const pause = Math.min(backoffMs(n, random.fraction()), budget.remaining() / 4);
    await clock.sleep(Math.max(SHORTEST_MS, pause), budget.signal);
  }
};

/** All is in the bucket, and whoever changes the file from now on is no child. If the disk cannot take it, the next start does. */
const settleDown = async ({ io, folder }: Pushing, disk: boolean): Promise<void> => {
  try {
    if (disk) await bringMerged(io, folder, false);
    if (folder.current().child) await folder.replace({ ...folder.current(), child: false });
  } catch (thrown) {
    io.log.warn("disk.not-merged", "all is in the bucket, but the disk could not be brought in step with it", {
      err: toKgsyncError(thrown),
    });
  }
};
