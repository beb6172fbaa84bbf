import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareInstants } from "../../../src/core/instant.ts";

describe("compareInstants", () => {
  // each later than the one before
  const growing = [
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59.999999999Z",
    "1970-01-01T00:00:00Z",
    "2024-02-29T23:59:59Z",
    "2024-03-01T00:00:00Z",
    "2025-07-03T21:13:11Z",
    "2025-07-03T21:13:11.37Z",
    "2025-07-03T21:13:11.370100001Z",
    "2025-07-03T21:13:11.5Z",
    "2025-07-03T23:13:12+02:00", // as a text later than the next, as a moment earlier
    "2025-07-03T21:13:12.000000001Z",
    "2025-07-03T16:43:13-04:30",
    "2025-07-03T23:00:00-00:30",
    "9999-12-31T23:59:59Z",
  ];

  test("the later moment is the greater, in any zone and with any number of digits", () => {
    for (const [i, a] of growing.entries())
      for (const [j, b] of growing.entries())
        expect([a, b, Math.sign(compareInstants(a, b) ?? Number.NaN)]).toEqual([a, b, Math.sign(i - j)]);
  });

  test.each([
    ["2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000Z"],
    ["2025-01-01T00:30:00+01:00", "2024-12-31T23:30:00Z"],
    ["2025-01-01T00:00:00.10Z", "2025-01-01T00:00:00.1Z"],
    ["2025-01-01T00:00:00-00:00", "2025-01-01T00:00:00Z"],
  ])("%s and %s are one moment", (a, b) => expect(compareInstants(a, b)).toBe(0));

  test.each(["", "now", "2025-01-01", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-01T00:00:00"])(
    "%j is no moment",
    (text) => {
      expect(compareInstants(text, "2025-01-01T00:00:00Z")).toBeUndefined();
      expect(compareInstants("2025-01-01T00:00:00Z", text)).toBeUndefined();
    },
  );

  test("milliseconds compare as the system's own dates do", () => {
    const date = fc.date({ min: new Date("0001-01-01"), max: new Date("9998-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(date, date, (a, b) => {
        const order = compareInstants(a.toISOString(), b.toISOString());
        expect(Math.sign(order ?? Number.NaN)).toBe(Math.sign(a.getTime() - b.getTime()));
      }),
    );
  });
});
