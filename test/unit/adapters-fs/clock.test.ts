import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const CLOCK = new URL("../../../src/adapters/system-clock.ts", import.meta.url).href;

/** Runs a script with the real clock in a process of its own and gives what it printed until it ended by itself. */
const run = (script: string): string => {
  const source = `import { createSystemClock } from ${JSON.stringify(CLOCK)};\nconst clock = createSystemClock();\n${script}`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { encoding: "utf8" });
  return `${stdout.trim()} ${status}`;
};

test("a sleep that is awaited keeps the process alive, a timer left behind does not", () => {
  expect(run(`await clock.sleep(20); console.log("slept");`)).toBe("slept 0");
  expect(run(`clock.after(60_000, () => console.log("late")); clock.timeout(60_000); console.log("end");`)).toBe(
    "end 0",
  );
});

test("the mono clock goes on, the wall clock is Unix time", async () => {
  const clock = createSystemClock();
  const before = clock.now();
  await clock.sleep(5);
  expect(clock.now().mono).toBeGreaterThan(before.mono);
  expect(Math.abs(before.wall - Date.now())).toBeLessThan(60_000);
});

test("a wait longer than setTimeout can hold does not end at once", async () => {
  const clock = createSystemClock();
  let fired = false;
  const cancel = clock.after(2 ** 31, () => {
    fired = true;
  });
  await clock.sleep(20);
  cancel();
  expect(fired).toBe(false);
});

const clocks: readonly (readonly [string, () => { clock: Clock; pass: (ms: number) => Promise<void> }])[] = [
  [
    "system",
    () => {
      const clock = createSystemClock();
      return { clock, pass: (ms) => clock.sleep(ms + 20) };
    },
  ],
  [
    "fake",
    () => {
      const clock = createFakeClock();
      return { clock, pass: clock.advance };
    },
  ],
];

test.each(clocks)("%s: after calls back once, and not when cancelled, twice", async (_, create) => {
  const { clock, pass } = create();
  const calls: string[] = [];
  clock.after(5, () => calls.push("kept"));
  const cancel = clock.after(5, () => calls.push("cancelled"));
  cancel();
  cancel();
  clock.after(-1, () => calls.push("at once"));
  await pass(10);
  expect(calls.sort()).toEqual(["at once", "kept"]);
});

test.each(clocks)("%s: a sleep ends early when it is called off, also when that was before", async (_, create) => {
  const { clock } = create();
  const off = new AbortController();
  const slept = clock.sleep(60_000, off.signal);
  off.abort();
  await slept;
  await clock.sleep(60_000, off.signal);
});

test.each(clocks)(
  "%s: a timeout aborts after its time, or with its parent, or not when cancelled",
  async (_, create) => {
    const { clock, pass } = create();
    const due = clock.timeout(5);
    const cancelled = clock.timeout(5);
    cancelled.cancel();
    cancelled.cancel();
    const parent = new AbortController();
    const child = clock.timeout(60_000, parent.signal);
    const reason = new Error("stop");
    parent.abort(reason);
    expect(child.signal.reason).toBe(reason);
    expect(clock.timeout(60_000, parent.signal).signal.aborted).toBe(true);
    await pass(10);
    expect(due.signal.reason).toMatchObject({ name: "TimeoutError" });
    expect(cancelled.signal.aborted).toBe(false);
  },
);

test("fake: advance fires in order, counts what is pending, and stops where it was told", async () => {
  const clock = createFakeClock(1000);
  const seen: number[] = [];
  clock.after(20, () => seen.push(clock.now().mono));
  clock.after(10, () => {
    seen.push(clock.now().mono);
    clock.after(5, () => seen.push(clock.now().mono));
  });
  expect([clock.pending(), clock.next()]).toEqual([2, 10]);
  await clock.advance(15);
  expect(seen).toEqual([10, 15]);
  expect([clock.pending(), clock.next()]).toEqual([1, 5]);
  clock.jumpWall(-500);
  expect(clock.now()).toEqual({ mono: 15, wall: 515 });
});
