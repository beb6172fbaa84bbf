import fc from "fast-check";
import { expect, test } from "vitest";
import { BACKOFF, backoffMs } from "../../src/core/backoff.ts";

const attempts = fc.nat({ max: 5_000 });
const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test.each([
  [0, 200],
  [1, 400],
  [2, 800],
  [5, 6_400],
  [6, 10_000],
  [1_000_000, 10_000],
])("attempt %i waits below %i ms, and half of it at the fraction 0.5", (attempt, limit) => {
  expect(backoffMs(attempt, 0)).toBe(0);
  expect(backoffMs(attempt, 0.5)).toBe(limit / 2);
  expect(backoffMs(attempt, 1 - Number.EPSILON)).toBeLessThan(limit);
});

test("a wait is never negative, never beyond the cap, and grows with the fraction and the attempt", () => {
  fc.assert(
    fc.property(attempts, fractions, fractions, (attempt, a, b) => {
      const wait = backoffMs(attempt, a);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(BACKOFF.capMs);
      expect(backoffMs(attempt + 1, a)).toBeGreaterThanOrEqual(wait);
      expect(backoffMs(attempt, Math.max(a, b))).toBeGreaterThanOrEqual(backoffMs(attempt, Math.min(a, b)));
    }),
  );
});

test("limits of one's own", () => {
  expect(backoffMs(0, 0.5, { baseMs: 10, capMs: 15 })).toBe(5);
  expect(backoffMs(1, 0.5, { baseMs: 10, capMs: 15 })).toBe(7.5);
});
