import type { LifecycleEvent, LifecycleState } from "../core/lifecycle-types.ts";
import type { Io } from "./io.ts";
import type { Facts } from "./perform-types.ts";
import type { Ending } from "./session.ts";

/** What `kgsync health` and people read: plain JSON in the state folder. Times in Unix milliseconds. */
export type Status = {
  readonly format: 1;
  readonly phase: LifecycleState["phase"];
  readonly writtenAt: number;
  /** It has handed the lease over, and stands by until it is stopped or the lease comes back. */
  readonly handedOver: boolean;
  /** Since when local work has been waiting to get to the bucket. */
  readonly unsyncedSince: number | undefined;
  readonly why: string | undefined;
  readonly lastPushedAt: number | undefined;
  /** How it ended, once it has: the exit code, whether the data is safe, and the last line. */
  readonly ended: (Pick<Ending, "code" | "data"> & { readonly words: string }) | undefined;
};

export type StatusFile = {
  readonly step: (event: LifecycleEvent, to: LifecycleState) => void;
  /** The last one, with how it ended. Resolves when it is written. */
  readonly close: (ended: NonNullable<Status["ended"]>) => Promise<void>;
};

/** A status older than some of these says that nobody is alive any more. */
const BEAT_MS = 10_000;
/** A push that takes longer has something to send, and is not getting it over. */
const SLOW_PUSH_MS = 1000;

/** Keeps `status.json` current: at every step that a person would call one, and as a sign of life. Failures are not fatal. */
export const createStatusFile = (io: Io, facts: Facts): StatusFile => {
  let phase: LifecycleState["phase"] = "owning";
  let handedOver = false;
  let unsyncedSince: number | undefined;
  let lastPushedAt: number | undefined;
  let cancel = (): void => undefined;
  let pushSince: number | undefined;
  let ended: Status["ended"];
  let writing: Promise<void> = Promise.resolve();
  const isSlow = (now: number): boolean => pushSince !== undefined && now - pushSince >= SLOW_PUSH_MS;
  const write = (): void => {
    cancel();
    if (ended === undefined) cancel = io.clock.after(BEAT_MS, write);
    // Only the owner writes it, and one write at a time.
    if (facts.lock() === undefined) return;
    const now = io.clock.now().wall;
    const status: Status = {
      format: 1,
      phase,
      writtenAt: now,
      handedOver,
      unsyncedSince: unsyncedSince ?? (isSlow(now) ? pushSince : undefined),
      why: facts.lastPush()?.why,
      lastPushedAt,
      ended,
    };
    const bytes = new TextEncoder().encode(`${JSON.stringify(status)}\n`);
    writing = writing
      .then(() => io.files.write(`${io.paths.state}/status.json`, bytes))
      .then(
        () => undefined,
        (err: unknown) => io.log.debug("status.not-written", "the status file could not be written", { err }),
      );
  };
  return {
    step: (event, to) => {
      const before = phase;
      phase = to.phase;
      handedOver = phase === "leasing" && to.saved !== "untouched";
      pushSince = to.push === "none" ? undefined : (pushSince ?? io.clock.now().wall);
      if (event.type === "push-ended") {
        if (event.data === "safe") lastPushedAt = io.clock.now().wall;
        unsyncedSince = event.data !== "unsafe" ? undefined : (unsyncedSince ?? io.clock.now().wall);
      }
      // Not of a moment before the app runs, on the way of its start, nor of the end: that is told with how it ended.
      const isNews = phase !== before && phase !== "spawning" && phase !== "done";
      if (isNews || (event.type === "push-ended" && phase !== "done")) write();
    },
    close: async (how) => {
      ended = how;
      // The time may have been up before any push had a verdict: what is not known to be safe has been waiting.
      if (how.data === "unsafe") unsyncedSince ??= io.clock.now().wall;
      write();
      cancel();
      await writing;
    },
  };
};
