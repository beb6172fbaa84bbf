import { describe, expect, test } from "vitest";
import { type Budget, createBudget } from "../../../src/app/budget.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

/** When an attempt that never ends by itself is cut, in ms of the clock. */
const cutAt = (budget: Budget, now: () => number): { at: number | undefined } => {
  const cut: { at: number | undefined } = { at: undefined };
  void budget.attempt(
    (signal) =>
      new Promise<void>((resolve) => {
        const end = (): void => {
          cut.at = now();
          resolve();
        };
        if (signal.aborted) end();
        signal.addEventListener("abort", end);
      }),
  );
  return cut;
};

const budgetOf = (totalMs: number, attemptMs: number, parent?: AbortSignal) => {
  const clock = createFakeClock();
  const budget = createBudget(clock, totalMs, attemptMs, parent);
  return { clock, budget, cut: () => cutAt(budget, () => clock.now().mono) };
};

describe("before a stop", () => {
  test("an attempt may take the attempt limit", async () => {
    const { clock, cut } = budgetOf(60_000, 15_000);
    const attempt = cut();
    await clock.advance(60_000);
    expect(attempt.at).toBe(15_000);
  });

  test("and no more than what is left", async () => {
    const { clock, budget, cut } = budgetOf(20_000, 15_000);
    await clock.advance(12_000);
    const attempt = cut();
    expect(budget.remaining()).toBe(8_000);
    await clock.advance(30_000);
    expect(attempt.at).toBe(20_000);
    expect(budget.signal.aborted).toBe(true);
    expect(budget.remaining()).toBe(0);
  });

  test("an attempt that ends in time leaves no timer", async () => {
    const { clock, budget } = budgetOf(60_000, 15_000);
    expect(await budget.attempt(async () => 7)).toBe(7);
    await expect(budget.attempt(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(clock.pending()).toBe(1);
    budget.close();
    expect(clock.pending()).toBe(0);
  });
});

describe("after tighten", () => {
  test("every attempt may take a third of what remains", async () => {
    const { clock, budget, cut } = budgetOf(300_000, 120_000);
    budget.tighten(9_000);
    const first = cut();
    await clock.advance(3_000);
    expect(first.at).toBe(3_000);
    const second = cut();
    await clock.advance(2_000);
    expect(second.at).toBe(5_000);
    const third = cut();
    await clock.advance(10_000);
    expect(third.at).toBeCloseTo(5_000 + 4_000 / 3);
  });

  test("the attempt under way is cut too", async () => {
    const { clock, budget, cut } = budgetOf(300_000, 120_000);
    const attempt = cut();
    await clock.advance(10_000);
    budget.tighten(10_000 + 6_000);
    await clock.advance(10_000);
    expect(attempt.at).toBe(12_000);
    expect(budget.signal.aborted).toBe(true);
  });

  test("an attempt never gets longer than it had", async () => {
    const { clock, budget, cut } = budgetOf(300_000, 15_000);
    const attempt = cut();
    await clock.advance(14_000);
    budget.tighten(14_000 + 60_000);
    await clock.advance(60_000);
    expect(attempt.at).toBe(15_000);
  });

  test("a third that is longer than the attempt limit does not lift it", async () => {
    const { clock, budget, cut } = budgetOf(300_000, 15_000);
    budget.tighten(300_000);
    const attempt = cut();
    await clock.advance(100_000);
    expect(attempt.at).toBe(15_000);
  });

  test("a later end does not lengthen", async () => {
    const { clock, budget } = budgetOf(300_000, 120_000);
    budget.tighten(9_000);
    budget.tighten(90_000);
    expect(budget.remaining()).toBe(9_000);
    await clock.advance(9_000);
    expect(budget.signal.aborted).toBe(true);
  });

  test("an end that is past ends all at once", async () => {
    const { clock, budget, cut } = budgetOf(300_000, 120_000);
    const attempt = cut();
    await clock.advance(5_000);
    budget.tighten(1_000);
    await clock.advance(0);
    expect(attempt.at).toBe(5_000);
    expect(budget.signal.aborted).toBe(true);
  });
});

test.each(["before", "after"])("a parent that aborts %s ends everything", async (when) => {
  const parent = new AbortController();
  if (when === "before") parent.abort();
  const { budget, cut } = budgetOf(60_000, 15_000, parent.signal);
  if (when === "after") parent.abort();
  expect(budget.signal.aborted).toBe(true);
  expect(cut().at).toBe(0);
});
