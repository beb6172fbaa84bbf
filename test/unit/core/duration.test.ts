import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, MAX_DURATION_MS, parseDuration } from "../../../src/core/duration.ts";

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    ["0s", 0],
    ["1ms", 1],
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["576h", MAX_DURATION_MS],
  ])("reads %s as %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    "",
    "5",
    "05s",
    "1.5s",
    "-1s",
    "+1s",
    "1 s",
    " 1s",
    "1s ",
    "1S",
    "1d",
    "s",
    "1m30s",
    "1e3s",
    "577h",
    "1s\n",
    "９s",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it("never yields what a timer would take for at once", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("ms", "s", "m", "h"), (count, unit) => {
        const ms = parseDuration(`${count}${unit}`);
        expect(ms === undefined || ms < 2 ** 31).toBe(true);
      }),
    );
  });
});

describe("formatDuration", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  it.each([
    [0, "0"],
    [60_000, "1m"],
    [90_000, "90s"],
    [1_500, "1500ms"],
    [7_200_000, "2h"],
  ])("writes %d as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
