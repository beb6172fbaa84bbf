import { KgsyncError } from "../core/errors.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import type { HeldLease, KeepLease, LeaseEvents } from "./keep-lease.ts";
import type { StateFolder } from "./state-folder.ts";

/** What one run does about the lease. `ask`: the holder is asked to give it up, because nobody is ready before the app runs. */
export type LeaseRules = {
  readonly keep: KeepLease;
  readonly onBusy: "wait" | "fail" | "readonly" | "merge";
  readonly ask: boolean;
  /** Writes our epoch into the bucket's graph: whoever wrote under an earlier one then sees that it has lost the lease. */
  readonly claim: (io: Io, folder: StateFolder, epoch: number, budget: Budget) => Promise<void>;
};

/** The lease of this process: at most one at a time, through all lives of the app. */
export type LeaseHold = {
  /** Resolves with `true` when the app may be started, with `false` when `signal` aborted first. Rejects with `lease-busy`. */
  readonly take: (ask: boolean, signal: AbortSignal) => Promise<boolean>;
  readonly held: () => HeldLease | undefined;
  /** Who has it, while we run without the right to push. */
  readonly readonlyUnder: () => string | undefined;
  /** A hand-over could not be made good: the next wish counts only after a pause. */
  readonly kept: () => void;
  /** Gives it up, so that the next one need not wait. The next `take` waits for it. */
  readonly release: () => void;
  /** At the end: the same, in no more than `ms`; with no time left, or when it is lost, it is left to die. */
  readonly leave: (ms: number, lost: boolean) => Promise<void>;
};

/** Of a hand-over. Whoever waits for it sees it after the lease's time to live at the latest. */
const RELEASE_MS = 10_000;
/** After a hand-over that failed, doubling: an app whose last save never gets through must not be stopped for ever. */
const PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 60 * 60_000;
/** Less is not enough for a request. */
const WORTH_MS = 20;

export const createLeaseHold = ({ clock, log }: Io, rules: LeaseRules, events: LeaseEvents): LeaseHold => {
  let lease: HeldLease | undefined;
  let holder: string | undefined;
  let releasing: Promise<void> = Promise.resolve();
  let pauseMs = PAUSE_MS;
  let deafUntil = 0;
  const heard: LeaseEvents = {
    ...events,
    wanted: (by) => {
      if (clock.now().mono >= deafUntil) events.wanted(by);
    },
  };

  const giveUp = async (ms: number): Promise<void> => {
    const given = lease;
    lease = undefined;
    const { signal, cancel } = clock.timeout(ms);
    try {
      await given?.release(signal);
    } catch (err) {
      log.warn("lease.not-released", "the lease could not be given up; the next one waits until it has run out", {
        err,
      });
    } finally {
      cancel();
    }
  };

  /** It is busy, and we do not stand by. */
  const without = (by: string, epoch: number): void => {
    if (rules.onBusy === "merge") {
      log.warn(
        "lease.merging",
        "another copy holds the lease; this one runs beside it, and what both write is merged",
        {
          holder: by,
        },
      );
      return;
    }
    if (rules.onBusy !== "readonly") throw new KgsyncError("lease-busy", `${by} holds the lease (epoch ${epoch})`);
    holder = by;
    log.warn(
      "lease.readonly",
      "another copy holds the lease; the app is started, and nothing that it saves is pushed",
      {
        holder: by,
      },
    );
  };

  return {
    take: async (ask, signal) => {
      await releasing;
      // After a hand-over the app has run here: it goes on when it can, whatever a first start would do.
      const wait = !ask || rules.onBusy === "wait";
      const attempt = await rules.keep.acquire({ wait, ask: ask && rules.ask && wait }, heard, signal);
      if (attempt === undefined) return false;
      if (attempt.kind === "busy") without(attempt.holder, attempt.epoch);
      else lease = attempt.lease;
      return true;
    },
    held: () => lease,
    readonlyUnder: () => holder,
    kept: () => {
      deafUntil = clock.now().mono + pauseMs;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    },
    release: () => {
      pauseMs = PAUSE_MS;
      releasing = giveUp(RELEASE_MS);
    },
    leave: async (ms, lost) => {
      if (lost || ms < WORTH_MS) return lease?.abandon();
      await Promise.race([giveUp(ms), clock.sleep(ms)]);
    },
  };
};
