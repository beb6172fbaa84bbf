import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { LifecycleCommand } from "../core/lifecycle-types.ts";
import type { Child } from "../ports/child.ts";
import { createBudget } from "./budget.ts";
import type { Hints } from "./hints.ts";
import type { Io } from "./io.ts";
import type { RemoteRule, Run } from "./perform-types.ts";
import type { Pushing } from "./push-all.ts";
import { createPushLane, type PushLane, type PushMemory } from "./push-lane.ts";
import { readLocal } from "./read-local.ts";
import { isRefusal } from "./readonly-io.ts";
import type { Post } from "./session.ts";
import { bringBackups, startAll } from "./start-all.ts";
import { createStopClock } from "./stop-clock.ts";
import { watchRemote } from "./watch-remote.ts";

type LifeOptions = {
  readonly run: Run;
  /** The ports, with the checks that hold for this life. */
  readonly io: Io;
  /** Who holds the lease, if nothing may be pushed. */
  readonly readonlyUnder: string | undefined;
  readonly memory: PushMemory;
  readonly starting: AbortSignal;
  readonly post: Post;
};

/** From a pull to the last push behind the app that was started after it. There may be several in one run. */
export type Life = {
  /** Both reject with what the start fails by. */
  readonly pull: () => Promise<void>;
  readonly spawn: () => Promise<void>;
  readonly push: (final: boolean) => void;
  readonly forward: (signal: number) => void;
  readonly arm: (what: Extract<LifecycleCommand["do"], `arm-${string}`>) => void;
  readonly hurry: () => void;
  readonly endGroup: () => void;
  /** When the program must end, on the monotonic clock. */
  readonly exitAt: () => number | undefined;
  readonly close: () => void;
};

export const createLife = ({ run, io, readonlyUnder, memory, starting, post }: LifeOptions): Life => {
  let pushing: Pushing | undefined;
  let lane: PushLane | undefined;
  let child: Child | undefined;
  let hints: Hints | undefined;
  let endWatch = (): void => undefined;
  const stopClock = createStopClock(
    io.clock,
    () => post({ type: "kill-deadline" }),
    () => post({ type: "exit-deadline" }),
  );

  const pull = async (): Promise<void> => {
    const budget = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout, starting);
    try {
      const { lease } = run;
      const epoch = io.fence?.epoch();
      pushing = await startAll(io, budget, {
        onGraphReady: run.prepareSpawn,
        beside: run.beside,
        claim:
          lease === undefined || epoch === undefined
            ? undefined
            : (of, folder) => lease.claim(of, folder, epoch, budget),
      });
    } catch (thrown) {
      await startReadonly(thrown);
    } finally {
      budget.close();
    }
    if (pushing !== undefined && readonlyUnder === undefined)
      lane = createPushLane({
        pushing,
        memory,
        disk: run.beside !== true, // an app beside may still run, and would overwrite what it has not read
        finalTimeout: io.rules.finalTimeout,
        attemptMs: run.attemptMs,
        exitAt: stopClock.exitAt,
        again: (retry, sent) => hints?.again(retry, sent),
        adopted: () => {
          if (run.onRemoteChange?.kind === "signal") post({ type: "adopted", signal: run.onRemoteChange.signal });
        },
      });
    post({ type: "pulled" });
  };

  /** What an earlier run has left here cannot be pushed now, and stays: the app goes on from it. */
  const startReadonly = async (thrown: unknown): Promise<void> => {
    if (!isRefusal(thrown)) throw thrown;
    if ((await readLocal(io)).kind !== "valid")
      throw new KgsyncError(
        "lease-busy",
        `${readonlyUnder} holds the lease, and there is no graph to start on without it`,
        {
          cause: thrown,
        },
      );
    io.log.warn(
      "lease.local",
      "the app starts on the graph on disk, which differs from the bucket's and is not pushed",
      {
        holder: readonlyUnder,
      },
    );
  };

  const spawn = async (): Promise<void> => {
    const started = await run.spawn();
    child = started;
    void started.ended.then((status) => {
      if (!run.beside) io.log.info("child.ended", "the app has ended", { ...status });
      post({ type: "child-ended", status });
    });
    if (run.beside) io.log.info("watch.started", "the files are watched; their app is another container's");
    else io.log.info("child.started", "the app runs", { pid: started.pid });
    post({ type: "spawned" });
    hints = run.watch(() => post({ type: "look" }), started.pid);
    background();
    if (pushing !== undefined && run.onRemoteChange !== undefined)
      endWatch = watchAll(documentsOf(pushing), run.onRemoteChange);
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

  const watchAll = (all: readonly Pushing[], rule: RemoteRule): (() => void) => {
    const ends = all.map((one) => watchBucket(one, rule));
    return () => {
      for (const end of ends) end();
    };
  };

  const watchBucket = ({ io: watched, folder }: Pushing, rule: RemoteRule): (() => void) =>
    watchRemote({
      io: watched,
      folder,
      intervalMs: rule.everyMs,
      attemptMs: run.attemptMs,
      changed: () => {
        if (rule.kind === "restart") return post({ type: "remote-changed" });
        lane?.wantAdoption();
        post({ type: "look" });
      },
    });

  const push = (final: boolean): void => {
    if (lane !== undefined) return void lane.push(final).then((data) => post({ type: "push-ended", data }));
    if (readonlyUnder === undefined) throw new RangeError("push before pull");
    post({ type: "push-ended", data: "untouched" });
  };

  const endWatching = (): void => {
    endWatch();
    lane?.stopping();
  };

  const armStop = (): void => {
    const plan = stopClock.armStop(run.graceMs, memory.uploadMs);
    io.log.info("stop.plan", "stopping: the app has some of the grace, the last push the rest", {
      graceMs: run.graceMs,
      killAfterMs: Math.round(plan.killAt),
      exitAfterMs: Math.round(plan.exitAt),
    });
    lane?.hurry();
  };

  const arm: Life["arm"] = (what) => {
    endWatching();
    switch (what) {
      case "arm-stop":
        return armStop();
      case "arm-cycle": {
        const ms = Math.round(stopClock.armCycle(run.graceMs, memory.uploadMs));
        return io.log.info("stop.cycle", "the app is stopped; kgsync goes on", { killAfterMs: ms });
      }
      case "arm-final":
        return stopClock.armFinal(io.rules.finalTimeout);
    }
  };

  return {
    pull,
    spawn,
    push,
    forward: (signal) => child?.signal(signal),
    arm,
    hurry: () => lane?.hurry(),
    endGroup: () => {
      hints?.close();
      const quiet = Math.min(run.quiesceMs, stopClock.untilKill() ?? run.quiesceMs);
      void child?.endGroup(quiet).then(() => post({ type: "group-ended" }));
    },
    exitAt: stopClock.exitAt,
    close: () => {
      endWatching();
      stopClock.close();
      hints?.close();
      lane?.close();
    },
  };
};

/** Those of which the bucket has one object to look at. */
const documentsOf = (pushing: Pushing): readonly Pushing[] => [
  pushing,
  ...(pushing.others ?? []).filter(({ io }) => io.paths.backups === undefined),
];
