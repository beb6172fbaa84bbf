import { describe, expect, test } from "vitest";
import { runSchedule, type Schedule } from "./run-schedule.ts";
import { WRONG } from "./sabotages.ts";
import type { Sabotage } from "./sim-machine.ts";

/** CI runs thousands more by `npm run simulate`. */
const SEEDS = 200;
/** The rarest of the wrong wrappers below is found within half of these. */
const ENOUGH = 600;

const firstBroken = async (seeds: number, sabotage: Sabotage, says: RegExp): Promise<Schedule | undefined> => {
  for (let seed = 1; seed <= seeds; seed++) {
    const schedule = await runSchedule(seed, sabotage);
    if (schedule.problems.some((problem) => says.test(problem))) return schedule;
  }
  return undefined;
};

test("whole wrappers in a world that fails: nothing acknowledged is lost, and the bucket's graph always parses", async () => {
  const broken = await firstBroken(SEEDS, {}, /./);
  expect(broken?.problems.join("\n"), `npm run simulate -- --seed ${broken?.seed}`).toBeUndefined();
});

test("the same where a bucket honours creates only", async () => {
  const broken: Schedule[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const schedule = await runSchedule(seed, {}, true);
    if (schedule.problems.length > 0) broken.push(schedule);
  }
  const [first] = broken;
  expect(first?.problems.join("\n"), `npm run simulate -- --create-only --seed ${first?.seed}`).toBeUndefined();
});

test("everything that can happen does happen", async () => {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= 80; seed++)
    for (const [name, count] of Object.entries((await runSchedule(seed)).counts))
      sums[name] = (sums[name] ?? 0) + count;
  expect(Object.entries(sums).filter(([, sum]) => sum === 0)).toEqual([]);
});

test("the same seed is the same schedule, in every step", async () => {
  for (const seed of [3, 14, 159]) expect(await runSchedule(seed)).toEqual(await runSchedule(seed));
});

describe("a wrapper that is wrong is found", () => {
  test.each(Object.entries(WRONG))("%s", async (_, { sabotage, says }) => {
    const found = await firstBroken(ENOUGH, sabotage(), says);
    expect(found?.problems.join("\n")).toMatch(new RegExp(says.source, "m"));
  });
});
