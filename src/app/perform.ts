import { type KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { LifecycleCommand } from "../core/lifecycle-types.ts";
import type { OwnedLock } from "../ports/owner-lock.ts";
import { createLeaseHold } from "./hold-lease.ts";
import type { Io } from "./io.ts";
import { createLife, type Life } from "./life.ts";
import { ownedIo } from "./owned-io.ts";
import type { Facts, Run } from "./perform-types.ts";
import type { PushMemory } from "./push-lane.ts";
import { readonlyIo } from "./readonly-io.ts";
import type { Perform, Post } from "./session.ts";

export type Performing = {
  readonly perform: Perform;
  readonly facts: Facts;
  /** Ends what still runs, and gives the lease up, in what is left of the time. */
  readonly close: () => Promise<void>;
  /** Milliseconds until the program must end; infinite while no stop presses. */
  readonly left: () => number;
};

/** What giving up the lease may take at the end when no stop presses. */
const LEAVE_MS = 3000;

/** The shell's hands: each command of the life cycle as an action on the ports, reporting by one event. */
export const createPerform = (run: Run): Performing => {
  const { io } = run;
  const starting = new AbortController();
  const memory: PushMemory = { last: undefined, uploadMs: 0 };
  let failure: KgsyncError | undefined;
  let fenced: string | undefined;
  let lock: OwnedLock | undefined;
  let life: Life | undefined;
  let post: Post = () => undefined;
  const lease =
    run.lease === undefined
      ? undefined
      : createLeaseHold(io, run.lease, {
          fenced: (why) => {
            fenced ??= why;
            io.log.error(
              "lease.lost",
              "the lease is lost: the app is stopped, and only what nobody else has written over is put",
              {
                why,
              },
            );
            post({ type: "fenced" });
          },
          wanted: (by) => {
            io.log.info("lease.wanted", "another copy stands by and asks for the lease", { by });
            post({ type: "hand-over" });
          },
        });

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

  const takeLease = async (ask: boolean): Promise<void> => {
    if (lease === undefined) throw new RangeError("no lease to take");
    if (await lease.take(ask, starting.signal)) post({ type: "leased" });
  };

  const pull = async (after: Extract<LifecycleCommand, { do: "pull" }>["after"]): Promise<void> => {
    if (lock === undefined) throw new RangeError("pull before own");
    if (after === "restart") io.log.info("restart", "the app is started anew, on what the bucket has");
    if (after === "kept") {
      lease?.kept();
      io.log.error(
        "lease.kept",
        "the lease is not handed over: the last save is not in the bucket; the app goes on here",
        {
          why: memory.last?.why,
        },
      );
    }
    life?.close();
    const readonlyUnder = lease?.readonlyUnder();
    life = createLife({ run, io: ioOf(lock, readonlyUnder), readonlyUnder, memory, starting: starting.signal, post });
    await life.pull();
  };

  const ioOf = (owned: OwnedLock, readonlyUnder: string | undefined): Io => {
    const checked = ownedIo(io, owned, () => post({ type: "disowned" }));
    return readonlyUnder === undefined
      ? { ...checked, fence: lease?.held()?.fence }
      : readonlyIo(checked, readonlyUnder);
  };

  const alive = (): Life => {
    if (life === undefined) throw new RangeError("no pull yet");
    return life;
  };

  const left = (): number => (life?.exitAt() ?? Number.POSITIVE_INFINITY) - io.clock.now().mono;

  const perform: Perform = (command, postBack) => {
    post = postBack;
    switch (command.do) {
      case "own":
        return orFail(own);
      case "lease":
        return orFail(() => takeLease(command.ask));
      case "release-lease":
        return lease?.release();
      case "pull":
        return orFail(() => pull(command.after));
      case "spawn":
        return orFail(alive().spawn);
      case "forward":
        return alive().forward(command.signal);
      case "arm-stop":
      case "arm-cycle":
      case "arm-final":
        return alive().arm(command.do);
      case "end-group":
        return alive().endGroup();
      case "kill-group":
        io.log.warn("child.killed", "the app did not stop in time and is killed, to leave time for the last push");
        return alive().forward(9);
      case "push":
        return alive().push(command.final);
      case "hurry-push":
        return alive().hurry();
      case "abort-start":
        return starting.abort();
    }
  };
  return {
    perform,
    facts: {
      failure: () => failure,
      lastPush: () => memory.last,
      lock: () => lock,
      fenced: () => fenced,
      epoch: () => lease?.held()?.fence.epoch(),
      readonlyUnder: () => lease?.readonlyUnder(),
    },
    close: async () => {
      life?.close();
      await lease?.leave(Math.min(LEAVE_MS, left()), fenced !== undefined);
    },
    left,
  };
};
