import { toKgsyncError } from "../core/errors.ts";
import type { DataSafety } from "../core/lifecycle-types.ts";
import type { Log } from "../ports/log.ts";
import { adoptRemote } from "./adopt-remote.ts";
import { type Budget, createBudget } from "./budget.ts";
import { finalPush } from "./final-push.ts";
import { type Pushed, type Pushing, pushAll } from "./push-all.ts";
import { pushDocuments } from "./push-documents.ts";

/** What is remembered from push to push, through all lives of the app. */
export type PushMemory = { last: Pushed | undefined; uploadMs: number };

type PushLaneOptions = {
  readonly pushing: Pushing;
  readonly memory: PushMemory;
  /** Whether the last push may bring to the disk what it has merged. */
  readonly disk: boolean;
  readonly finalTimeout: number;
  readonly attemptMs: number;
  /** When the program must end, on the monotonic clock. */
  readonly exitAt: () => number | undefined;
  /** When a look may do better without any change on disk. */
  readonly again: (retry: Pushed["retry"], sent: boolean) => void;
  /** The file was replaced under the app. */
  readonly adopted: () => void;
};

/** One life's pushes. The caller starts one after the other, never two. */
export type PushLane = {
  /** Never rejects. */
  readonly push: (final: boolean) => Promise<DataSafety>;
  /** The push on the wire must be over in time for what comes after it. */
  readonly hurry: () => void;
  /** The bucket has what the app has not: the next push brings it under the app. */
  readonly wantAdoption: () => void;
  /** The app is being stopped: nothing is replaced under it any more. */
  readonly stopping: () => void;
  readonly close: () => void;
};

export const createPushLane = (options: PushLaneOptions): PushLane => {
  const { pushing, memory } = options;
  const { clock, log } = pushing.io;
  const stop = new AbortController();
  let budget: Budget | undefined;
  let adoption = false;

  /** Nothing is written under an app that is about to write for the last time: the whole comes to the disk after it. */
  const adopt = async (): Promise<void> => {
    if (!adoption || stop.signal.aborted) return;
    adoption = false;
    const own = createBudget(clock, options.attemptMs, options.attemptMs, stop.signal);
    try {
      let adopted = false;
      // Bytes that nobody knows are not swapped under a program that may have them open: a restart brings them.
      for (const { io, folder } of [pushing, ...(pushing.others ?? [])])
        if (io.document.mode !== "replace") adopted = (await adoptRemote(io, folder, own)) || adopted;
      if (adopted) options.adopted();
    } catch (thrown) {
      log.warn("adopt.failed", "the bucket's graph could not be brought under the app; it is tried again", {
        err: toKgsyncError(thrown),
      });
    } finally {
      own.close();
    }
  };

  const pushOnce = async (final: boolean): Promise<DataSafety> => {
    if (!final) await adopt();
    const ownBudget = createBudget(clock, options.finalTimeout, options.attemptMs);
    budget = ownBudget;
    const exitAt = options.exitAt();
    if (exitAt !== undefined) ownBudget.tighten(exitAt);
    const pushed = await pushDocuments(pushing, (one) =>
      final
        ? finalPush(one, ownBudget, { allowed: undefined, disk: options.disk })
        : pushAll(one, { final: false, allowed: undefined }, ownBudget),
    );
    ownBudget.close();
    report(log, memory.last, pushed);
    memory.last = pushed;
    memory.uploadMs = pushed.uploadMs ?? memory.uploadMs;
    options.again(pushed.retry, pushed.uploadMs !== undefined || pushed.backups > 0);
    return pushed.data;
  };

  return {
    push: (final) =>
      pushOnce(final).catch((thrown: unknown) => {
        log.error("push.failed", "a push ended by an error of its own", { err: toKgsyncError(thrown) });
        return "unsafe";
      }),
    hurry: () => {
      const exitAt = options.exitAt();
      if (exitAt !== undefined) budget?.tighten(exitAt);
    },
    wantAdoption: () => {
      adoption = true;
    },
    stopping: () => stop.abort(),
    close: () => budget?.close(),
  };
};

/** One line when the words change, not one per try. */
const report = (log: Log, before: Pushed | undefined, now: Pushed): void => {
  if (now.why !== undefined && now.why !== before?.why)
    log.warn("push.not-durable", "local work is not in the bucket yet", {
      why: now.why,
      ...(now.error === undefined ? {} : { err: now.error }),
    });
  if (now.data === "safe" && before?.why !== undefined)
    log.info("push.caught-up", "all local work is in the bucket again");
};
