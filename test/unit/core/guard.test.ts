import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judgeShrink, type Largest, updateLargest } from "../../../src/core/guard.ts";
import { digestOf } from "./digest-of.ts";

const DAY = 24 * 60 * 60 * 1000;
const largest = (leaves: number, at = 0): Largest => ({ leaves, sha256: digestOf(leaves), at });

describe("the verdict", () => {
  test.each([
    ["nothing to compare with", 0, undefined, "pass"],
    ["a small graph may vanish", 0, 20, "pass"],
    ["the smallest guarded graph, emptied", 0, 21, "latch"],
    ["the smallest guarded graph at 10 %", 2, 21, "latch"],
    ["the smallest guarded graph above 10 %", 3, 21, "alarm"],
    ["just 10 %", 10, 100, "latch"],
    ["above 10 %", 11, 100, "alarm"],
    ["just 50 %", 50, 100, "alarm"],
    ["above 50 %", 51, 100, "pass"],
    ["nothing lost", 100, 100, "pass"],
    ["grown", 500, 100, "pass"],
    ["the app's own accident: 1566 facts became 196", 196, 1566, "alarm"],
    ["an ordinary change: 29 % fewer", 71, 100, "pass"],
  ] as const)("%s", (_, leaves, most, verdict) =>
    expect(judgeShrink(leaves, most === undefined ? undefined : largest(most))).toBe(verdict),
  );

  test("is exact for every size: a tenth latches, a half alarms", () =>
    fc.assert(
      fc.property(fc.integer({ min: 21, max: 1_000_000 }), fc.nat(1_000_000), (most, leaves) => {
        expect(judgeShrink(leaves, largest(most))).toBe(
          leaves * 10 <= most ? "latch" : leaves * 2 <= most ? "alarm" : "pass",
        );
      }),
    ));
});

describe("the largest of a day", () => {
  test("is the first one seen", () => expect(updateLargest(undefined, largest(1))).toEqual(largest(1)));

  test("is replaced by a larger or an equal one", () => {
    expect(updateLargest(largest(100), largest(101, 5))).toEqual(largest(101, 5));
    expect(updateLargest(largest(100), largest(100, 5))).toEqual(largest(100, 5));
  });

  test("outlives smaller ones for 24 hours", () => {
    expect(updateLargest(largest(100), largest(99, DAY))).toEqual(largest(100));
    expect(updateLargest(largest(100), largest(99, DAY + 1))).toEqual(largest(99, DAY + 1));
    expect(updateLargest(largest(100, 5 * DAY), largest(99, 6 * DAY))).toEqual(largest(100, 5 * DAY));
  });

  test("is not forgotten when the clock goes back", () =>
    expect(updateLargest(largest(100, DAY), largest(5, 0))).toEqual(largest(100, DAY)));

  test("holds a shrinking in small steps against the first size", () => {
    const verdicts: string[] = [];
    let most: Largest | undefined;
    for (const [leaves, at] of [
      [100, 0],
      [60, 1],
      [40, 2],
      [10, 3],
    ] as const) {
      verdicts.push(judgeShrink(leaves, most));
      most = updateLargest(most, largest(leaves, at));
    }
    expect(verdicts).toEqual(["pass", "pass", "alarm", "latch"]);
  });
});
