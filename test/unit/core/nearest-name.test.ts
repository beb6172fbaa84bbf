import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearestName } from "../../../src/core/nearest-name.ts";

const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["pull", "pull", 0],
    ["pul", "pull", 1],
    ["pulll", "pull", 1],
    ["pall", "pull", 1],
    ["plul", "pull", 1],
    ["ca", "abc", 3], // optimal string alignment: no letter is touched twice (the unrestricted distance is 2)
    ["kitten", "sitting", 3],
  ])("from %j to %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it("is 0 for the same word only, is symmetric, and lies between the difference of lengths and the longer length", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  it("is at most 1 after one swap, one letter less or one letter more", () => {
    fc.assert(
      fc.property(word, fc.nat(8), (a, at) => {
        const swapped = a.slice(0, at) + (a[at + 1] ?? "") + (a[at] ?? "") + a.slice(at + 2);
        expect(editDistance(a, swapped)).toBeLessThanOrEqual(1);
        expect(editDistance(a, a.slice(0, at) + a.slice(at + 1))).toBeLessThanOrEqual(1);
        expect(editDistance(a, `${a.slice(0, at)}x${a.slice(at)}`)).toBe(1);
      }),
    );
  });
});

describe("nearestName", () => {
  const names = ["pull", "push", "run", "config", "health"];

  it.each([
    ["pul", "pull"],
    ["PUSH", "push"],
    ["rnu", "run"],
    ["helth", "health"],
    ["confgi", "config"],
    ["cxxfig", "config"],
    ["cxxxig", undefined], // half of the letters wrong: a guess
    ["xylophone", undefined],
    ["", undefined],
    ["master-ovasabi", undefined],
  ])("takes %j for %j", (wrong, right) => {
    expect(nearestName(wrong, names)).toBe(right);
  });

  it("takes the first of equally near names, whatever their order", () => {
    expect(nearestName("pu__", ["pull", "push"])).toBe("pull");
    expect(nearestName("pu__", ["push", "pull"])).toBe("push");
  });

  it("finds an exact name among any others", () => {
    fc.assert(
      fc.property(
        fc.array(word),
        fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 6 }),
        (some, exact) => {
          expect(nearestName(exact, [...some, exact])).toBe(exact);
        },
      ),
    );
  });
});
