import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attemptLimit, planStop } from "../../../src/core/stop-plan.ts";

describe("the stop plan", () => {
  // PROTOCOL "Stop, in numbers", worked out by hand
  test.each([
    [1_000, 0, 450, 750],
    [2_000, 0, 1_050, 1_750],
    [5_000, 0, 2_850, 4_750],
    [10_000, 0, 7_500, 9_500],
    [30_000, 0, 26_500, 28_500],
    [60_000, 0, 55_000, 57_000],
    [30_000, 1_000, 24_500, 28_500],
    [30_000, 60_000, 17_100, 28_500],
    [200, 0, 0, 0],
    [0, 0, 0, 0],
  ])("a grace of %i ms after an upload of %i ms: kill at %i, out at %i", (grace, upload, killAt, exitAt) => {
    const plan = planStop(grace, upload);
    expect(plan.killAt).toBeCloseTo(killAt, 6);
    expect(plan.exitAt).toBeCloseTo(exitAt, 6);
  });

  test("is always out before the grace ends, and leaves the app most of it", () =>
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (grace, upload) => {
          const { killAt, exitAt } = planStop(grace, upload);
          expect(killAt).toBeGreaterThanOrEqual(0);
          expect(exitAt).toBeGreaterThanOrEqual(killAt);
          expect(exitAt).toBeLessThan(grace);
          expect(killAt).toBeGreaterThanOrEqual(0.59 * exitAt);
        },
      ),
    ));
});

test("an attempt may take a third of what remains, and nothing once the time is over", () => {
  expect(attemptLimit(9_000)).toBe(3_000);
  expect(attemptLimit(0)).toBe(0);
  expect(attemptLimit(-1)).toBe(0);
});
