import { describe, expect, test } from "vitest";
import { compareSemver } from "../../../src/core/semver.ts";

describe("compareSemver", () => {
  // §11 of the specification, and numbers that no float64 tells apart
  const growing = [
    "0.9.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "v1.0.9",
    "1.0.21",
    "1.9.0",
    "1.10.0",
    "2.0.0",
    "10.0.0",
    "9007199254740992.0.0",
    "9007199254740993.0.0",
  ];

  test("the greater version is the greater", () => {
    for (const [i, a] of growing.entries())
      for (const [j, b] of growing.entries())
        expect([a, b, Math.sign(compareSemver(a, b) ?? Number.NaN)]).toEqual([a, b, Math.sign(i - j)]);
  });

  test("what was built from it does not count", () => {
    expect(compareSemver("1.0.0+a", "1.0.0+b")).toBe(0);
    expect(compareSemver("1.0.0-rc.1+9", "v1.0.0-rc.1")).toBe(0);
  });

  test.each(["", "1", "1.0", "01.0.0", "1.0.0.0", "1.0.0-", "1.0.x", " 1.0.0"])("%j is no version", (text) => {
    expect(compareSemver(text, "1.0.0")).toBeUndefined();
    expect(compareSemver("1.0.0", text)).toBeUndefined();
  });
});
