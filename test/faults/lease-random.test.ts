import fc from "fast-check";
import { expect, test } from "vitest";
import { LEASE_KEY } from "../../src/app/lease-object.ts";
import { createLeaseLab, leaseSeeker, unreachable } from "../support/lease-lab.ts";
import { pausable } from "../support/pausable-clock.ts";

const MACHINES = 4;

/** One thing that happens to one machine, and how long nothing else does. */
const step = fc.record({
  machine: fc.nat({ max: MACHINES - 1 }),
  what: fc.constantFrom(
    "nothing",
    "kill",
    "kill and forget",
    "pause",
    "resume",
    "resume",
    "release",
    "lost-request",
    "lost-response",
    "cut",
    "mend",
  ),
  ms: fc.integer({ min: 0, max: 25_000 }),
});

/** A machine whose wrapper is started again when it has died, been fenced, or let go. */
const createMachine = (lab: ReturnType<typeof createLeaseLab>, n: number) => {
  const world = lab.world(n);
  let cut = false;
  const start = (asks: boolean) => {
    const frozen = pausable(world.clock);
    const seeker = leaseSeeker(world, world.boot({ store: unreachable(() => cut) }), frozen.clock);
    seeker.seek({ ask: asks });
    return { ...seeker, frozen, paused: false };
  };
  let now = start(n % 2 === 0);
  const again = (): void => {
    now.process.gate.kill();
    now.abort.abort();
    now = start(n % 2 === 1);
  };
  return {
    /** Awake, alive, and of the belief that it may write. A dead or frozen one does nothing. */
    holds: (): boolean => !now.paused && now.believes(),
    epoch: (): number => now.held().fence.epoch(),
    isOver: (): boolean => now.lines.some((line) => line.includes("fenced")),
    again,
    do: async (what: string): Promise<void> => {
      if (what === "cut" || what === "mend") cut = what === "cut";
      if (what === "kill") again();
      if (what === "kill and forget") {
        await world.forget();
        again();
      }
      if (what === "pause") {
        now.paused = true;
        now.frozen.pause();
      }
      if (what === "resume" && now.paused) {
        now.frozen.resume();
        await lab.seconds(0);
        now.paused = false;
      }
      if (what === "release" && now.believes() && !now.paused) {
        const old = now;
        void old.release().then(() => old === now && again());
      }
      if (what.startsWith("lost-") && !now.paused)
        now.process.play({
          on: "put",
          key: LEASE_KEY,
          kind: what === "lost-request" ? "lost-request" : "lost-response",
        });
    },
  };
};

test("whatever happens, no two who are awake hold it at once, the epoch grows with each holder, and somebody has it in the end", () =>
  fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const lab = createLeaseLab(MACHINES);
      const machines = Array.from({ length: MACHINES }, (_, n) => createMachine(lab, n));
      let epoch = 0;
      const check = (): void => {
        const holders = machines.filter((machine) => machine.holds());
        expect(holders.length).toBeLessThanOrEqual(1);
        for (const holder of holders) {
          expect(holder.epoch()).toBeGreaterThanOrEqual(epoch);
          epoch = holder.epoch();
        }
        for (const machine of machines) if (machine.isOver()) machine.again();
      };
      for (const { machine, what, ms } of steps) {
        await machines[machine]?.do(what);
        for (let left = ms; left > 0; left -= 1000) {
          await lab.clock.advance(Math.min(1000, left));
          check();
        }
      }
      for (const machine of machines) await machine.do("mend").then(() => machine.do("resume"));
      for (let n = 0; n < 100; n++) {
        await lab.seconds(1);
        check();
      }
      expect(machines.filter((machine) => machine.holds())).toHaveLength(1);
    }),
    { numRuns: 100 },
  ));
