import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import type { Crash } from "../support/app-world-gate.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createDice } from "./dice.ts";
import { createOracle } from "./oracle.ts";
import { createSimBucket, type Faults, LATEST_MS } from "./sim-bucket.ts";
import type { Snapshot } from "./sim-disk.ts";
import { describe, viewOf } from "./sim-graph.ts";
import { type Counts, type Customs, createMachine, type Machine, type Sabotage } from "./sim-machine.ts";
import { createPerson } from "./sim-person.ts";

export type Schedule = {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  readonly counts: Counts & Faults & Readonly<Record<"uploads" | "saves" | "acknowledged", number>>;
};

const EVENTS = 12;
/** Most schedules have no lease. */
const UNLEASED = Array.from({ length: 7 }, () => undefined);
/** The metadata names 64 ancestors, two for a version that was merged; less some for what was on the wire. */
const KNOWN_VERSIONS = 25;

/** Longer than the longest pause between two tries, and a lease that runs out. */
const RECOVERY_MS = 60_000;
/** Virtual time in which anything must have ended: far above every limit of the wrapper. */
const PATIENCE_MS = 600_000;

/**
 * One schedule: machines with one bucket live, are stopped, killed, paused, and lose what they have; then the network is calm,
 * each comes up and goes down in order until nothing changes, and the oracle judges. All chance comes from the seed.
 * `createOnly`: the bucket knows no updates. Nobody uploads by hand meanwhile: a mirror that is on the wire may hit that.
 */
export const runSchedule = async (seed: number, sabotage: Sabotage = {}, createOnly = false): Promise<Schedule> => {
  const dice = createDice(seed);
  const customs: Customs = {
    lease: dice.pick([...UNLEASED, "wait", "wait", "readonly", "merge"]),
    onConflict: dice.pick(["newest", "newest", "newest", "ours", "theirs"] as const) ?? "newest",
    allowShrink: dice.chance(0.3),
    history: dice.pick([24, 24, 2, 0]) ?? 24,
    graceMs: dice.pick([10_000, 10_000, 2500]) ?? 10_000,
  };
  const clock = createFakeClock();
  const trace: string[] = [];
  const oracle = createOracle((text) => nodeSha256(new TextEncoder().encode(text)));
  const counts = {
    crashes: 0,
    restarts: 0,
    pauses: 0,
    merges: 0,
    conflicts: 0,
    held: 0,
    diskFull: 0,
    rollbacks: 0,
    uploads: 0,
  };
  let versions = 0;
  const bucket = createSimBucket({
    dice,
    wire: clock,
    createOnly,
    onGraph: (text, told, by) => {
      versions += 1;
      trace.push(
        `${Math.round(clock.now().mono)} the bucket has a graph by ${by}, epoch ${told.epoch}: ${describe(viewOf(text))}`,
      );
      oracle.bucketGraph(text, told, by, customs.lease !== "merge");
    },
  });
  let names = 0;
  const fresh = (): string => `v${(++names).toString(36)}`;
  const machines = Array.from({ length: dice.chance(0.7) ? 2 : 3 }, (_, n) =>
    createMachine({
      name: `m${n}`,
      clock,
      dice,
      bucket,
      oracle,
      counts,
      ended: () => void downSince.set(`m${n}`, versions),
      say: (line) => void trace.push(line),
      fresh,
      sabotage,
      customs,
    }),
  );
  /** How many versions the bucket had when a machine went down: one that comes back too late finds no trace of its last put. */
  const downSince = new Map<string, number>();

  const snapshots: Snapshot[] = [];

  const person = createPerson({
    bucket,
    oracle,
    machines,
    now: () => clock.now().mono,
    say: (what) => void trace.push(`${Math.round(clock.now().mono)} ${what}`),
    fresh,
  });
  const somebodyWrites = (): void => {
    counts.uploads += 1;
    person.edit();
  };

  const step = async (): Promise<void> => clock.advance(Math.max(1, Math.min(clock.next() ?? 1000, 1000)));
  const until = async (what: string, look: () => boolean): Promise<void> => {
    const end = clock.now().mono + PATIENCE_MS;
    while (!look()) {
      if (clock.now().mono > end) throw new Error(`stands still: ${what}`);
      await step();
    }
  };
  const start = (machine: Machine, crash?: Crash): void => {
    if (versions - (downSince.get(machine.name) ?? versions) > KNOWN_VERSIONS)
      oracle.excuse(machine.name, viewOf(machine.local()));
    machine.start(crash);
  };
  /** A machine that is down comes up, perhaps without what it knew. */
  const restart = async (machine: Machine): Promise<void> => {
    const luck = dice.fraction();
    if (luck < 0.12) await machine.forget();
    else if (luck < 0.2) machine.wipe();
    else if (luck < 0.25 && snapshots.length > 0) dice.pick(snapshots.map((one) => () => machine.restore(one)))?.();
    else if (luck < 0.4) snapshots.push(await machine.snapshot());
    counts.restarts += 1;
    const how = dice.pick(["before", "after", "late"] as const) ?? "before";
    start(machine, dice.chance(0.3) ? { at: dice.below(dice.chance(0.6) ? 25 : 150), how } : undefined);
  };
  const disturb = async (machine: Machine): Promise<void> => {
    if (machine.isDown()) return restart(machine);
    const luck = dice.fraction();
    if (luck < 0.3) machine.terminate();
    else if (luck < 0.55) machine.kill();
    else if (luck < 0.65) machine.pause(dice.below(20_000));
    else if (luck < 0.68 && customs.lease === undefined && !createOnly) somebodyWrites();
    else if (luck < 0.71) bucket.outage(dice.below(15_000));
    else if (luck < 0.75) clock.jumpWall(dice.below(7_200_000) - 3_600_000);
  };
  /** While nothing fails any more, whoever runs brings home what its app saves. */
  const recover = async (): Promise<void> => {
    await clock.advance(RECOVERY_MS);
    for (const machine of machines) {
      const since = machine.behindSince();
      if (since !== undefined && clock.now().mono - since > RECOVERY_MS / 2)
        oracle.breaks(`${machine.name} has not pushed what it has since ${since}`);
    }
  };
  const problems: string[] = [];
  if (dice.chance(0.5)) person.begin();
  try {
    for (const machine of machines) if (dice.chance(0.8)) machine.start();
    for (let n = 0; n < EVENTS; n++) {
      await clock.advance(dice.below(2500));
      const machine = dice.pick(machines);
      if (machine !== undefined) await disturb(machine);
    }
    bucket.calm();
    await until("a pause ends", () => machines.every((machine) => !machine.isPaused()));
    if (dice.chance(0.1)) await recover();
    for (const machine of machines) {
      if (machine.isDown()) continue;
      machine.terminate();
      await until(`${machine.name} ends`, machine.isDown);
    }
    await clock.advance(LATEST_MS + 1000); // what was on the wire has arrived
    for (const machine of machines) oracle.onDisk(machine.local());
    for (const machine of [...machines, ...machines]) {
      start(machine);
      await until(`${machine.name} runs`, () => machine.isSpawned() || machine.isDown());
      machine.terminate();
      await until(`${machine.name} ends`, machine.isDown);
      oracle.onDisk(machine.local());
      // A torn file is held back; whatever else there is can be brought home now.
      const torn = machine.local() !== undefined && viewOf(machine.local()) === undefined;
      if (!torn && !["safe", "held"].includes(machine.outcome() ?? ""))
        oracle.breaks(`${machine.name} ends ${machine.outcome()} though nothing fails any more`);
    }
    problems.push(...oracle.judge(bucket.graph(), bucket.kept()));
  } catch (thrown) {
    problems.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  return { seed, problems, trace, counts: { ...counts, ...bucket.faults, ...oracle.counts() } };
};
