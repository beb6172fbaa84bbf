import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { OwnedLock, OwnerLock } from "../ports/owner-lock.ts";

/** Takes the owner lock, or stands by, or fails, as the settings say. `undefined` when `signal` aborted first. */
export const ownFiles = async (
  lock: OwnerLock,
  onLocalBusy: Config["onLocalBusy"],
  state: string,
  log: Log,
  signal: AbortSignal,
): Promise<OwnedLock | undefined> => {
  if (onLocalBusy === "wait")
    return lock.acquireWaiting(signal, (holder) =>
      log.warn("own.waiting", "another kgsync owns these files; standing by until it ends", { holder, state }),
    );
  const acquired = await lock.acquire(signal);
  if (acquired.kind === "held") return acquired.lease;
  if (signal.aborted) return undefined;
  throw new KgsyncError("local-busy", `${state} is owned by another kgsync (${acquired.holder})`);
};
