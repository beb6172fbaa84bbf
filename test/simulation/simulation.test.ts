import { describe, expect, test } from "vitest";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import { runSchedule, type Schedule } from "./run-schedule.ts";
import type { Sabotage } from "./sim-machine.ts";

/** CI runs thousands more by `npm run simulate`. */
const SEEDS = 150;

const firstBroken = async (seeds: number, sabotage?: Sabotage): Promise<Schedule | undefined> => {
  for (let seed = 1; seed <= seeds; seed++) {
    const schedule = await runSchedule(seed, sabotage);
    if (schedule.problems.length > 0) return schedule;
  }
  return undefined;
};

test("whole wrappers in a world that fails: nothing acknowledged is lost, and the bucket's graph always parses", async () => {
  const broken = await firstBroken(SEEDS);
  expect(broken?.problems.join("\n"), `npm run simulate -- --seed ${broken?.seed}`).toBeUndefined();
});

test("everything that can happen does happen", async () => {
  const sums: Record<string, number> = {};
  for (let seed = 1; seed <= 40; seed++)
    for (const [name, count] of Object.entries((await runSchedule(seed)).counts))
      sums[name] = (sums[name] ?? 0) + count;
  expect(Object.entries(sums).filter(([, sum]) => sum === 0)).toEqual([]);
});

test("the same seed is the same schedule, in every step", async () => {
  for (const seed of [3, 14, 159]) expect(await runSchedule(seed)).toEqual(await runSchedule(seed));
});

describe("a wrapper that is wrong is found", () => {
  const SABOTAGES: Readonly<Record<string, Sabotage>> = {
    "puts are not conditional": {
      store: (store) => ({
        ...store,
        put: (key, body, mode, options, signal) =>
          store.put(key, body, mode.mode === "update" ? { mode: "overwrite" } : mode, options, signal),
      }),
    },
    "the upload wins": {
      merge: async ({ ours }) => ({ kind: "merged", bytes: ours, conflicts: [], warnings: [], equalTo: undefined }),
    },
    "a removal by the other side is not seen": {
      merge: async (request) => mergeRequest({ ...request, base: undefined }),
    },
    "what gives way is not recorded": {
      merge: async (request) => {
        const merged = mergeRequest(request);
        return merged.kind === "merged" ? { ...merged, conflicts: [] } : merged;
      },
    },
  };
  test.each(Object.entries(SABOTAGES))("%s", async (_, sabotage) => {
    expect(await firstBroken(200, sabotage)).toBeDefined();
  });
});
