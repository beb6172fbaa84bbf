import fc from "fast-check";
import { expect, test } from "vitest";
import { instantText } from "../../../src/core/instant-text.ts";

test.each([0, 951_782_400_000, 951_868_799_999, 1_709_164_800_000, 1_735_689_599_999, 4_107_542_400_000])(
  "%d is written as the platform writes it",
  (ms) => expect(instantText(ms)).toBe(new Date(ms).toISOString()),
);

test("any instant until the year 9999 is written as the platform writes it", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(instantText(ms)).toBe(new Date(ms).toISOString());
    }),
  );
});
