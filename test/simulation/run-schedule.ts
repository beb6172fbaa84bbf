import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createDice } from "./dice.ts";
import { createOracle } from "./oracle.ts";
import { createSimBucket, type Faults } from "./sim-bucket.ts";
import { type Counts, createMachine, type Machine, type Sabotage } from "./sim-machine.ts";

export type Schedule = {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly trace: readonly string[];
  readonly counts: Counts & Faults & { readonly saves: number; readonly acknowledged: number };
};

const EVENTS = 12;
/** The ancestors that the metadata names, less some for what was on the wire. */
const KNOWN_VERSIONS = 50;
/** Virtual time in which anything must have ended: far above every limit of the wrapper. */
const PATIENCE_MS = 600_000;

/**
 * One schedule: machines with one bucket live, are stopped, killed, paused, and lose what they have; then the network is calm,
 * each comes up and goes down in order until nothing changes, and the oracle judges. All chance comes from the seed.
 */
export const runSchedule = async (seed: number, sabotage: Sabotage = {}): Promise<Schedule> => {
  const dice = createDice(seed);
  const clock = createFakeClock();
  const trace: string[] = [];
  const oracle = createOracle((text) => nodeSha256(new TextEncoder().encode(text)));
  const counts: Counts = { crashes: 0, restarts: 0, pauses: 0, merges: 0, conflicts: 0 };
  let versions = 0;
  const bucket = createSimBucket({
    dice,
    wire: clock,
    onGraph: (text, epoch, by) => {
      versions += 1;
      trace.push(`${Math.round(clock.now().mono)} the bucket has a graph by ${by}${epoch && `, epoch ${epoch}`}`);
      oracle.bucketGraph(text, epoch, by);
    },
  });
  const leased = dice.chance(0.3);
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
      say: (line) => void trace.push(line),
      fresh,
      sabotage,
      leased,
    }),
  );
  let certain = true;
  /** How many versions the bucket had when a machine went down: one that comes back too late finds no trace of its last put. */
  const downSince = new Map<string, number>();

  const step = async (): Promise<void> => clock.advance(Math.max(1, Math.min(clock.next() ?? 1000, 1000)));
  const until = async (what: string, look: () => boolean): Promise<void> => {
    const end = clock.now().mono + PATIENCE_MS;
    while (!look()) {
      if (clock.now().mono > end) throw new Error(`stands still: ${what}`);
      await step();
    }
  };
  /** A machine that is down comes up, perhaps without what it knew. */
  const restart = async (machine: Machine): Promise<void> => {
    const luck = dice.fraction();
    if (luck < 0.12) {
      certain = false;
      await machine.forget();
    } else if (luck < 0.2) {
      certain = false;
      machine.wipe();
    }
    counts.restarts += 1;
    if (versions - (downSince.get(machine.name) ?? versions) > KNOWN_VERSIONS) certain = false;
    const how = dice.pick(["before", "after", "late"] as const) ?? "before";
    machine.start(dice.chance(0.3) ? { at: dice.below(25), how } : undefined);
  };
  const disturb = async (machine: Machine): Promise<void> => {
    if (machine.isDown()) return restart(machine);
    const luck = dice.fraction();
    if (luck < 0.3) machine.terminate();
    else if (luck < 0.55) {
      machine.kill();
      downSince.set(machine.name, versions);
    } else if (luck < 0.65) machine.pause(dice.below(20_000));
    else if (luck < 0.7) clock.jumpWall(dice.below(7_200_000) - 3_600_000);
  };
  const problems: string[] = [];
  try {
    for (const machine of machines) if (dice.chance(0.8)) machine.start();
    for (let n = 0; n < EVENTS; n++) {
      await clock.advance(dice.below(2500));
      const machine = dice.pick(machines);
      if (machine !== undefined) await disturb(machine);
    }
    bucket.calm();
    await until("a pause ends", () => machines.every((machine) => !machine.isPaused()));
    for (const machine of machines) {
      if (machine.isDown()) continue;
      machine.terminate();
      await until(`${machine.name} ends`, machine.isDown);
    }
    await clock.advance(10_000); // what was on the wire has arrived
    for (const machine of machines) oracle.onDisk(machine.local());
    for (const machine of [...machines, ...machines]) {
      machine.start();
      await until(`${machine.name} runs`, () => machine.isSpawned() || machine.isDown());
      machine.terminate();
      await until(`${machine.name} ends`, machine.isDown);
      oracle.onDisk(machine.local());
    }
    problems.push(...oracle.judge(bucket.graph(), bucket.kept(), certain));
  } catch (thrown) {
    problems.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  }
  return { seed, problems, trace, counts: { ...counts, ...bucket.faults, ...oracle.counts() } };
};
