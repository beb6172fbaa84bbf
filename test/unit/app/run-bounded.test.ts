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
