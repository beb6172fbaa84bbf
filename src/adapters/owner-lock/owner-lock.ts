import type { Clock } from "../../ports/clock.ts";
import type { Acquired, OwnedLock, OwnerLock, OwnerReply } from "../../ports/owner-lock.ts";
import type { Random } from "../../ports/random.ts";
import { nodeDisk } from "../node-file-tree/disk.ts";
import { onDisk } from "../node-file-tree/disk-error.ts";
import { makeMissing } from "../node-file-tree/make-folders.ts";
import { holdGeneration } from "./hold-generation.ts";
import { askOwner, createLook, type Look } from "./look-at-owner.ts";
import { generations, readOwner } from "./owner-record.ts";
import type { Answer } from "./serve-socket.ts";

export type OwnerLockOptions = {
  /** The state folder; made when missing. */
  readonly folder: string;
  /** How we are called in another's message: the host or pod, and what the process does. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Answers what others ask the owner (`health`, `sync`); the line `id` is answered here. May not reject. */
  readonly answer?: Answer;
};

const LOOK_EVERY_MS = 1000;

/** The owner lock in a folder: numbered files made by link(2), of which the highest is the owner's. See the port. */
export const createOwnerLock = (options: OwnerLockOptions): OwnerLock => {
  const { folder, clock } = options;
  const lookAt = createLook(folder, clock);
  const highest = async (): Promise<number> => (await generations(folder)).at(-1) ?? 0;

  /** Held, or how the present owner looks; `free` after a lost race: look again. */
  const attempt = async (): Promise<{ readonly kind: "held"; readonly lease: OwnedLock } | Look> => {
    const generation = await highest();
    const look: Look = generation === 0 ? { kind: "free" } : await lookAt(generation);
    const lease = look.kind === "free" ? await holdGeneration(options, generation + 1) : undefined;
    return lease === undefined ? look : { kind: "held", lease };
  };

  const acquire = async (signal: AbortSignal): Promise<Acquired> => {
    await makeMissing(nodeDisk, folder, 0o700);
    for (;;) {
      const result = await attempt();
      if (result.kind === "held") return result;
      const holder = result.kind === "free" ? "unknown" : result.holder;
      if (result.kind === "alive" || signal.aborted) return { kind: "busy", holder };
      if (result.kind === "unsure") await clock.sleep(LOOK_EVERY_MS, signal);
    }
  };

  const acquireWaiting: OwnerLock["acquireWaiting"] = async (signal, onBusy) => {
    for (let told: string | undefined; ; ) {
      const outcome = await onDisk("lock", folder, () => acquire(signal));
      if (outcome.kind === "held") return outcome.lease;
      if (signal.aborted) return undefined;
      if (outcome.holder !== told) onBusy(outcome.holder);
      told = outcome.holder;
      await clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return undefined;
    }
  };

  const ask = async (line: string, ms: number, signal: AbortSignal): Promise<OwnerReply> => {
    const generation = await highest();
    if (generation === 0) return { kind: "nobody" };
    return askOwner(folder, await readOwner(folder, generation), line, ms, clock, signal);
  };

  return {
    acquire: (signal) => onDisk("lock", folder, () => acquire(signal)),
    acquireWaiting,
    ask: (line, ms, signal) => onDisk("lock", folder, () => ask(line, ms, signal)),
  };
};
