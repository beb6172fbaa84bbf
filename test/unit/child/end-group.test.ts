import fc from "fast-check";
import { expect, test } from "vitest";
import { endGroup } from "../../../src/adapters/execa-child/end-group.ts";
import type { Clock } from "../../../src/ports/clock.ts";

const member = { pid: 2, parent: 1, group: 2, session: 2, stopped: false, start: 0 };

/** A group that ends so many milliseconds after a TERM and a KILL (Infinity: never), and a clock that jumps from sleep to sleep. */
const world = (afterTerm: number, afterKill: number) => {
  let now = 0;
  let end = Number.POSITIVE_INFINITY;
  const sent: [signal: number, at: number][] = [];
  const send = (signal: number): void => {
    sent.push([signal, now]);
    end = Math.min(end, now + (signal === 9 ? afterKill : afterTerm));
  };
  const group = { members: () => (now >= end ? [] : [member]), sendToAll: send };
  const clock: Clock = {
    now: () => ({ mono: now, wall: now }),
    after: () => () => {},
    sleep: async (ms) => {
      now += ms;
    },
    timeout: () => {
      throw new Error("not used");
    },
  };
  return { group, clock, sent, now: () => now };
};

test("TERM first and once; KILL exactly when the quiet time is over; never back before nobody is left", async () => {
  const ms = fc.integer({ min: 1, max: 5000 });
  await fc.assert(
    fc.asyncProperty(ms, ms, ms, async (afterTerm, afterKill, quiet) => {
      const { group, clock, sent, now } = world(afterTerm, afterKill);
      await endGroup(group, clock, quiet);
      expect(group.members()).toEqual([]);
      expect(sent[0]).toEqual([15, 0]);
      expect(sent.filter(([signal]) => signal === 15)).toHaveLength(1);
      const kills = sent.filter(([signal]) => signal === 9);
      if (afterTerm <= quiet) expect(kills).toEqual([]);
      else expect(kills[0]).toEqual([9, quiet]);
      expect(now()).toBeLessThanOrEqual(Math.min(afterTerm, quiet + afterKill) + 50);
    }),
  );
});

test("nobody left: no signal, no sleep", async () => {
  const { clock, sent, now } = world(0, 0);
  const nobody = { members: () => [], sendToAll: (n: number) => void sent.push([n, 0]) };
  await endGroup(nobody, clock, 1000);
  expect([sent, now()]).toEqual([[], 0]);
});

test("a member that stops only after the TERM is woken", async () => {
  let looks = 0;
  let woken = false;
  const { clock } = world(0, 0);
  const late = {
    members: () => {
      looks += 1;
      return woken ? [] : [{ ...member, stopped: looks > 3 }];
    },
    sendToAll: (signal: number) => {
      if (signal === 18 && looks > 3) woken = true;
    },
  };
  await endGroup(late, clock, 600_000);
  expect(woken).toBe(true);
  expect(clock.now().mono).toBeLessThan(600_000);
});
