import fc from "fast-check";
import { expect, test } from "vitest";
import { runBounded } from "../../../src/app/run-bounded.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("every item is worked on once, never more at a time than the limit", async () => {
  const done: number[] = [];
  let now = 0;
  let most = 0;
  await runBounded(
    Array.from({ length: 20 }, (_, n) => n),
    3,
    async (n) => {
      most = Math.max(most, ++now);
      await turn();
      now--;
      done.push(n);
    },
  );
  expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(most).toBe(3);
});

test("after the first rejection nothing more is begun, and it rejects with that one", async () => {
  const begun: number[] = [];
  const work = async (n: number): Promise<void> => {
    begun.push(n);
    await turn();
    if (n === 2) throw new Error("two");
  };
  await expect(runBounded([0, 1, 2, 3, 4, 5, 6, 7], 2, work)).rejects.toThrow("two");
  await turn();
  expect(begun.length).toBeLessThan(6);
});

test("no items, no work", async () => {
  await expect(runBounded([], 4, () => Promise.reject(new Error("no")))).resolves.toBeUndefined();
});

test("what runs at once weighs no more than the limit, and what is heavier runs alone; every item runs", async () => {
  const item = fc.record({ weight: fc.integer({ min: 0, max: 12 }), turns: fc.integer({ min: 0, max: 4 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 20 }), async (items) => {
      const running = new Set<number>();
      let done = 0;
      const bounds = { lanes: 4, weight: 10, weightOf: (n: number) => items[n]?.weight ?? 0 };
      await runBounded(items.keys(), bounds, async (n) => {
        running.add(n);
        const weights = [...running].map(bounds.weightOf);
        const sum = weights.reduce((all, each) => all + each, 0);
        expect(running.size).toBeLessThanOrEqual(4);
        // What weighs nothing passes by everything.
        if (sum > 10) expect(weights.filter((each) => each > 0)).toHaveLength(1);
        for (let turns = items[n]?.turns ?? 0; turns > 0; turns--) await turn();
        running.delete(n);
        done++;
      });
      expect(done).toBe(items.length);
    }),
  );
});

test("what waited for room is not begun after a rejection", async () => {
  const begun: number[] = [];
  const bounds = { lanes: 3, weight: 1, weightOf: () => 1 };
  const work = async (n: number): Promise<void> => {
    begun.push(n);
    await turn();
    throw new Error(`no ${n}`);
  };
  await expect(runBounded([1, 2, 3, 4], bounds, work)).rejects.toThrow("no 1");
  await turn();
  expect(begun).toEqual([1]);
});
