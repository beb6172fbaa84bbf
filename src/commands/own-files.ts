import { createJointLock } from "../adapters/owner-lock/joint-lock.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { OwnedLock } from "../ports/owner-lock.ts";
import type { PlacedLock } from "./find-locks.ts";

/**
 * Takes the owner locks one after the other, or stands by, or fails, as the settings say; all are held, or none. `undefined`
 * when `signal` aborted first. `hint`: what a person can do instead of waiting.
 */
export const ownFiles = async (
  places: readonly PlacedLock[],
  onLocalBusy: Config["onLocalBusy"],
  log: Log,
  signal: AbortSignal,
  hint?: string,
): Promise<OwnedLock | undefined> => {
  const held: OwnedLock[] = [];
  let complete = false;
  try {
    for (const place of places) {
      const owned = await take(place, onLocalBusy, log, signal, hint);
      if (owned === undefined) return undefined;
      held.push(owned);
    }
    complete = true;
  } finally {
    if (!complete) await Promise.all(held.map((owned) => owned.release()));
  }
  const [first, ...others] = held;
  return first === undefined ? undefined : createJointLock(first, ...others);
};

const take = async (
  { folder, lock }: PlacedLock,
  onLocalBusy: Config["onLocalBusy"],
  log: Log,
  signal: AbortSignal,
  hint: string | undefined,
): Promise<OwnedLock | undefined> => {
  if (onLocalBusy === "wait")
    return lock.acquireWaiting(signal, (holder) =>
      log.warn("own.waiting", "another kgsync owns these files; standing by until it ends", {
        holder,
        state: folder,
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  const acquired = await lock.acquire(signal);
  if (acquired.kind === "held") return acquired.lease;
  if (signal.aborted) return undefined;
  throw new KgsyncError("local-busy", `${folder} is owned by another kgsync (${acquired.holder})`);
};
