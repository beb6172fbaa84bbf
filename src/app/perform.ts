import { type KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { Child } from "../ports/child.ts";
import type { OwnedLock } from "../ports/owner-lock.ts";
import { type Budget, createBudget } from "./budget.ts";
import { finalPush } from "./final-push.ts";
import type { Hints } from "./hints.ts";
import type { Io } from "./io.ts";
import { ownedIo } from "./owned-io.ts";
import { type Pushed, type Pushing, pushAll } from "./push-all.ts";
import type { Perform, Post } from "./session.ts";
import { bringBackups, startAll } from "./start-all.ts";
import { createStopClock } from "./stop-clock.ts";

/** What one run needs from outside, beside the ports. */
export type Run = {
  readonly io: Io;
  /** Resolves when the local files are ours; `undefined` when `signal` aborted first. */
  readonly own: (signal: AbortSignal) => Promise<OwnedLock | undefined>;
  /** Called once, before `spawn`, when there is time for what the spawn will need. Must not throw. */
  readonly prepareSpawn?: () => void;
  readonly spawn: () => Promise<Child>;
  /** Starts watching and the timer; `look` may be called from then on. */
  readonly watch: (look: () => void, pid: number) => Hints;
  readonly graceMs: number;
  readonly quiesceMs: number;
  /** One request's limit while nothing is being stopped. */
  readonly attemptMs: number;
};

/** What the last line and the status file tell. */
export type Facts = {
  readonly failure: () => KgsyncError | undefined;
  readonly lastPush: () => Pushed | undefined;
  readonly lock: () => OwnedLock | undefined;
};

/** The shell's hands: each command of the life cycle as an action on the ports, reporting by one event. */
export const createPerform = (
  run: Run,
): { readonly perform: Perform; readonly facts: Facts; readonly close: () => void } => {
  const { io } = run;
  const starting = new AbortController();
  let failure: KgsyncError | undefined;
  let lock: OwnedLock | undefined;
  let pushing: Pushing | undefined;
  let child: Child | undefined;
  let hints: Hints | undefined;
  let budget: Budget | undefined;
  let lastPush: Pushed | undefined;
  let lastUploadMs = 0;
  let post: Post = () => undefined;
  const stopClock = createStopClock(
    io.clock,
    () => post({ type: "kill-deadline" }),
    () => post({ type: "exit-deadline" }),
  );

  /** Runs `work`, and makes any rejection the start's failure. */
  const orFail = (work: () => Promise<void>): void => {
    work().catch((thrown: unknown) => {
      failure = toKgsyncError(thrown);
      post({ type: "start-failed", exit: failure.exit });
    });
  };

  const own = async (): Promise<void> => {
    lock = await run.own(starting.signal);
    if (lock !== undefined) post({ type: "owned" });
  };

  const pull = async (): Promise<void> => {
    if (lock === undefined) throw new RangeError("pull before own");
    const startBudget = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout, starting.signal);
    try {
      pushing = await startAll(
        ownedIo(io, lock, () => post({ type: "disowned" })),
        startBudget,
        run.prepareSpawn,
      );
      post({ type: "pulled" });
    } finally {
      startBudget.close();
    }
  };

  const spawn = async (): Promise<void> => {
    const started = await run.spawn();
    child = started;
    void started.ended.then((status) => {
      io.log.info("child.ended", "the app has ended", { ...status });
      post({ type: "child-ended", status });
    });
    io.log.info("child.started", "the app runs", { pid: started.pid });
    post({ type: "spawned" });
    hints = run.watch(() => post({ type: "look" }), started.pid);
    background();
  };

  /** Backups that the app need not wait for. A failure is told, and made good at the next start. */
  const background = (): void => {
    if (pushing === undefined || io.rules.backupsPull.kind !== "background") return;
    const budgetOfOwn = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout);
    bringBackups(pushing.io, pushing.ledger, budgetOfOwn)
      .catch((thrown: unknown) =>
        io.log.warn("pull.backups-failed", "not all backups came down", { err: toKgsyncError(thrown) }),
      )
      .finally(budgetOfOwn.close);
  };

  const push = async (final: boolean): Promise<void> => {
    if (pushing === undefined) throw new RangeError("push before pull");
    const exitAt = stopClock.exitAt();
    budget = createBudget(io.clock, io.rules.finalTimeout, run.attemptMs);
    if (exitAt !== undefined) budget.tighten(exitAt);
    const before = lastPush;
    lastPush = final
      ? await finalPush(pushing, budget, { allowed: undefined, disk: true })
      : await pushAll(pushing, { final: false, allowed: undefined }, budget);
    budget.close();
    lastUploadMs = lastPush.uploadMs ?? lastUploadMs;
    report(before, lastPush);
    hints?.again(lastPush.retry);
    post({ type: "push-ended", data: lastPush.data });
  };

  /** One line when the words change, not one per try. */
  const report = (before: Pushed | undefined, now: Pushed): void => {
    if (now.why !== undefined && now.why !== before?.why)
      io.log.warn("push.not-durable", "local work is not in the bucket yet", {
        why: now.why,
        ...(now.error === undefined ? {} : { err: now.error }),
      });
    if (now.data === "safe" && before?.why !== undefined)
      io.log.info("push.caught-up", "all local work is in the bucket again");
  };

  const pushOrBug = (final: boolean): void => {
    push(final).catch((thrown: unknown) => {
      const error = toKgsyncError(thrown);
      io.log.error("push.failed", "a push ended by an error of its own", { err: error });
      post({ type: "push-ended", data: "unsafe" });
    });
  };

  const hurry = (): void => {
    const exitAt = stopClock.exitAt();
    if (exitAt !== undefined) budget?.tighten(exitAt);
  };

  const perform: Perform = (command, postBack) => {
    post = postBack;
    switch (command.do) {
      case "own":
        return orFail(own);
      case "pull":
        return orFail(pull);
      case "spawn":
        return orFail(spawn);
      case "forward":
        return child?.signal(command.signal);
      case "arm-stop": {
        const plan = stopClock.armStop(run.graceMs, lastUploadMs);
        io.log.info("stop.plan", "stopping: the app has some of the grace, the last push the rest", {
          graceMs: run.graceMs,
          killAfterMs: Math.round(plan.killAt),
          exitAfterMs: Math.round(plan.exitAt),
        });
        return hurry();
      }
      case "arm-final":
        return stopClock.armFinal(io.rules.finalTimeout);
      case "end-group": {
        hints?.close();
        const quiet = Math.min(run.quiesceMs, stopClock.untilKill() ?? run.quiesceMs);
        void child?.endGroup(quiet).then(() => post({ type: "group-ended" }));
        return;
      }
      case "kill-group":
        io.log.warn("child.killed", "the app did not stop in time and is killed, to leave time for the last push");
        return child?.signal(9);
      case "push":
        return pushOrBug(command.final);
      case "hurry-push":
        return hurry();
      case "abort-start":
        return starting.abort();
    }
  };
  const close = (): void => {
    stopClock.close();
    hints?.close();
    budget?.close();
  };
  return { perform, facts: { failure: () => failure, lastPush: () => lastPush, lock: () => lock }, close };
};
