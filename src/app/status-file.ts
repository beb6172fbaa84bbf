import type { LifecycleEvent, LifecycleState, Verdict } from "../core/lifecycle-types.ts";
import type { Io } from "./io.ts";
import type { Facts } from "./perform-types.ts";
import type { Ending } from "./session.ts";

/** What `kgsync health`, `kgsync status` and people read: plain JSON in the state folder. Times in Unix milliseconds. */
export type Status = {
  readonly format: 1;
  /** The version of kgsync that wrote it. */
  readonly version: string;
  /** How it is called in the bucket: pod or host, and a random part. */
  readonly writer: string;
  readonly startedAt: number;
  readonly phase: LifecycleState["phase"];
  readonly writtenAt: number;
  /** It has handed the lease over, and stands by until it is stopped or the lease comes back. */
  readonly handedOver: boolean;
  /** Since when local work has been waiting to get to the bucket. */
  readonly unsyncedSince: number | undefined;
  readonly why: string | undefined;
  /** When a push last found, or made, both sides the same. */
  readonly lastPushedAt: number | undefined;
  /** Since when nothing local has been waiting. */
  readonly inStepSince: number | undefined;
  readonly lastPulledAt: number | undefined;
  /** When a push last had a new graph for the bucket, and when it had to merge one. */
  readonly lastStoredAt: number | undefined;
  readonly lastMergedAt: number | undefined;
  /** `epoch`: ours, while we hold the lease. `holder`: who has it while we run without. */
  readonly lease: { readonly epoch: number | undefined; readonly holder: string | undefined } | undefined;
  /** How it ended, once it has: the exit code, whether the data is safe, and the last line. */
  readonly ended: (Pick<Ending, "code" | "data"> & { readonly words: string }) | undefined;
};

export type StatusFile = {
  readonly step: (event: LifecycleEvent, to: LifecycleState) => void;
  /** What the file would say now. */
  readonly current: () => Status;
  /** The last one, with how it ended. Resolves when it is written. */
  readonly close: (ended: NonNullable<Status["ended"]>) => Promise<void>;
};

/** A status older than some of these says that nobody is alive any more. */
const BEAT_MS = 10_000;
/** A push that takes longer has something to send, and is not getting it over. */
const SLOW_PUSH_MS = 1000;

/** Keeps `status.json` current: at every step that a person would call one, and as a sign of life. Failures are not fatal. */
export const createStatusFile = (
  io: Pick<Io, "clock" | "files" | "log" | "paths">,
  facts: Facts,
  who: Pick<Status, "version" | "writer">,
): StatusFile => {
  const startedAt = io.clock.now().wall;
  let phase: LifecycleState["phase"] = "owning";
  let handedOver = false;
  let unsyncedSince: number | undefined;
  let lastPushedAt: number | undefined;
  let inStepSince: number | undefined;
  let lastPulledAt: number | undefined;
  let lastStoredAt: number | undefined;
  let lastMergedAt: number | undefined;
  let cancel = (): void => undefined;
  let pushSince: number | undefined;
  let ended: Status["ended"];
  let writing: Promise<void> = Promise.resolve();
  const isSlow = (now: number): boolean => pushSince !== undefined && now - pushSince >= SLOW_PUSH_MS;
  const lease = (): Status["lease"] => {
    const [epoch, holder] = [facts.epoch(), facts.readonlyUnder()];
    return epoch === undefined && holder === undefined ? undefined : { epoch, holder };
  };
  const current = (): Status => {
    const now = io.clock.now().wall;
    const since = unsyncedSince ?? (isSlow(now) ? pushSince : undefined);
    return {
      format: 1,
      ...who,
      startedAt,
      phase,
      writtenAt: now,
      handedOver,
      unsyncedSince: since,
      why: facts.lastPush()?.why,
      lastPushedAt,
      inStepSince: since === undefined ? inStepSince : undefined,
      lastPulledAt,
      lastStoredAt,
      lastMergedAt,
      lease: lease(),
      ended,
    };
  };
  const write = (): void => {
    cancel();
    if (ended === undefined) cancel = io.clock.after(BEAT_MS, write);
    // Only the owner writes it, and one write at a time.
    if (facts.lock() === undefined) return;
    const bytes = new TextEncoder().encode(`${JSON.stringify(current())}\n`);
    writing = writing
      .then(() => io.files.write(`${io.paths.state}/status.json`, bytes, "passing"))
      .then(
        () => undefined,
        (err: unknown) => io.log.debug("status.not-written", "the status file could not be written", { err }),
      );
  };
  const pushed = (data: Verdict): void => {
    const now = io.clock.now().wall;
    const graph = facts.lastPush()?.graph;
    if (graph === "stored" || graph === "merged") lastStoredAt = now;
    if (graph === "merged") lastMergedAt = now;
    if (data === "safe") lastPushedAt = now;
    if (data === "safe") inStepSince ??= now;
    if (data === "unsafe") inStepSince = undefined;
    // Since it was begun: an age that falls back to 0 when a push fails would tell of progress.
    unsyncedSince = data === "unsafe" ? (unsyncedSince ?? pushSince ?? now) : undefined;
    pushSince = undefined;
  };
  return {
    current,
    step: (event, to) => {
      const before = phase;
      phase = to.phase;
      handedOver = phase === "leasing" && to.saved !== "untouched";
      if (event.type === "pulled") lastPulledAt = io.clock.now().wall;
      if (event.type === "push-ended") pushed(event.data);
      // After that: what goes on at once is another push, with an age of its own.
      pushSince = to.push === "none" ? undefined : (pushSince ?? io.clock.now().wall);
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
