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
    "2025-07-03T21:13:11.05Z",
    "2025-07-03T21:13:11.0501Z",
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
    ["2025-01-01T00:00:00.1000Z", "2025-01-01T00:00:00.1Z"],
    ["2025-01-01T00:00:00-00:00", "2025-01-01T00:00:00Z"],
  ])("%s and %s are one moment", (a, b) => expect(compareInstants(a, b)).toBe(0));

  test.each(["", "now", "2025-01-01", "2025-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2025-01-01T00:00:00"])(
    "%j is no moment",
    (text) => {
      expect(compareInstants(text, "2025-01-01T00:00:00Z")).toBeUndefined();
      expect(compareInstants("2025-01-01T00:00:00Z", text)).toBeUndefined();
    },
  );

  /** Around the rules for leap years, and both ends of what four digits can say. */
  const YEARS = [1, 4, 99, 100, 103, 399, 400, 1582, 1899, 1900, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 9996, 9998];
  const DAY_MS = 86_400_000;
  /** The same moment as a clock shows it that many minutes east of Greenwich. */
  const inZone = (ms: number, east: number): string => {
    const two = (n: number): string => String(n).padStart(2, "0");
    const zone = `${east < 0 ? "-" : "+"}${two(Math.floor(Math.abs(east) / 60))}:${two(Math.abs(east) % 60)}`;
    return new Date(ms + east * 60_000).toISOString().replace("Z", zone);
  };

  test("each day of the calendar is one day long", () => {
    for (const year of YEARS)
      for (let day = 0; day < 366; day++) {
        const noon = new Date(0).setUTCFullYear(year, 0, 1) + day * DAY_MS + DAY_MS / 2;
        const text = new Date(noon).toISOString();
        const both = [1, -1].map((side) => compareInstants(text, inZone(noon, side * 1439)));
        expect([text, ...both]).toEqual([text, 0, 0]);
      }
  });

  test("a moment is the same in every zone, and a second later is later", () => {
    const date = fc.date({ min: new Date("0002-01-01"), max: new Date("9997-12-31"), noInvalidDate: true });
    const east = fc.integer({ min: -1439, max: 1439 });
    fc.assert(
      fc.property(date, east, east, (at, here, there) => {
        const ms = at.getTime();
        expect(compareInstants(inZone(ms, here), inZone(ms, there))).toBe(0);
        expect(compareInstants(inZone(ms + 1000, here), inZone(ms, there))).toBeGreaterThan(0);
      }),
    );
  });

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
