import fc from "fast-check";
import { expect, test } from "vitest";
import { createProgressLine } from "../../../src/app/progress-line.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const createLine = () => {
  const clock = createFakeClock();
  const shown: string[] = [];
  return { clock, shown, progress: createProgressLine(clock, (text) => shown.push(text)) };
};

test("nothing is shown, and no timer runs, where nothing is underway", async () => {
  const { clock, shown, progress } = createLine();
  expect(clock.pending()).toBe(0);
  progress.count("backups", 1, 1);
  progress.expect("backups", 2);
  expect(clock.pending()).toBe(0);
  progress.end();
  expect(shown).toEqual([""]);
});

test("what is over within a second is not shown", async () => {
  const { clock, shown, progress } = createLine();
  const done = progress.begin("graph");
  await clock.advance(700);
  done();
  await clock.advance(10_000);
  expect(shown.filter((text) => text !== "")).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test("after a second it is shown, four times a second anew, and taken away when it is over", async () => {
  const { clock, shown, progress } = createLine();
  const done = progress.begin("backups");
  progress.expect("backups", 4);
  await clock.advance(999);
  expect(shown).toEqual([]);
  await clock.advance(1);
  expect(shown).toEqual(["kgsync: backups 0/4, 1 s"]);
  progress.count("backups", 3, 2048);
  await clock.advance(1000);
  expect(shown).toHaveLength(5);
  expect(shown.at(-1)).toBe("kgsync: backups 3/4, 2.0 KiB, 2 s");
  done();
  await clock.advance(500);
  expect(shown.at(-1)).toBe("");
  expect(clock.pending()).toBe(0);
});

test("requests one after the other are one piece of work; in the gap nothing is drawn", async () => {
  const { clock, shown, progress } = createLine();
  for (let n = 0; n < 30; n += 1) {
    const done = progress.begin("versions");
    await clock.advance(40);
    done();
    progress.count("versions", 1, 0);
    const before = shown.length;
    await clock.advance(30);
    expect(shown).toHaveLength(before);
  }
  expect(shown.length).toBeGreaterThan(0);
  expect(shown).not.toContain("");
  expect(shown.at(-1)).toMatch(/^kgsync: versions \d+, [12] s$/);
});

test("after a pause the second begins anew, the counts go on", async () => {
  const { clock, shown, progress } = createLine();
  const first = progress.begin("backups");
  progress.count("backups", 5, 0);
  await clock.advance(1000);
  first();
  await clock.advance(5000);
  shown.length = 0;
  progress.begin("backups");
  await clock.advance(999);
  expect(shown).toEqual([]);
  await clock.advance(1);
  expect(shown).toEqual(["kgsync: backups 5, 1 s"]);
});

test("only what is underway is named", async () => {
  const { clock, shown, progress } = createLine();
  const graph = progress.begin("graph");
  progress.begin("backups");
  await clock.advance(1000);
  graph();
  await clock.advance(250);
  expect(shown).toEqual(["kgsync: graph, backups, 1 s", "kgsync: backups, 1 s"]);
});

test("whatever is told after the end, nothing is shown and no timer runs", async () => {
  const step = fc.constantFrom("begin", "done", "count", "expect", "wait", "end");
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 30 }), async (before, after) => {
      const { clock, shown, progress } = createLine();
      const open: (() => void)[] = [];
      const play = async (steps: readonly string[]): Promise<void> => {
        for (const name of steps) {
          if (name === "begin") open.push(progress.begin("graph"));
          if (name === "done") open.pop()?.();
          if (name === "count") progress.count("graph", 1, 1);
          if (name === "expect") progress.expect("graph", 1);
          if (name === "wait") await clock.advance(600);
          if (name === "end") progress.end();
        }
      };
      await play(before);
      progress.end();
      expect(shown.at(-1)).toBe("");
      const count = shown.length;
      await play(after);
      await clock.advance(5000);
      expect(shown).toHaveLength(count);
      expect(clock.pending()).toBe(0);
    }),
    { numRuns: 50 },
  );
});
