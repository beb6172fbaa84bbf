import fc from "fast-check";
import { expect, test } from "vitest";
import { provesUnchanged } from "../../../src/core/racy.ts";

const HASHED = 1_750_000_002_000;
const QUIET = "1750000000000000000"; // 2 s earlier, to the nanosecond
const LATER = "1750000000000000001";

test.each([
  ["two quiet seconds prove it", QUIET, QUIET, HASHED, true],
  ["so do more", "0", "1", HASHED, true],
  ["a nanosecond less does not, for the content's time", LATER, QUIET, HASHED, false],
  ["nor for the inode's time, which a tool cannot set back", QUIET, LATER, HASHED, false],
  ["a time in the future proves nothing", "9999999999000000000", QUIET, HASHED, false],
  ["nor does an inode time in the future", QUIET, "9999999999000000000", HASHED, false],
  ["a moment of hashing between two milliseconds counts from the earlier", LATER, QUIET, HASHED + 0.9, false],
  ["a file from before 1970 is old", "-5000000000", "-5000000000", 0, true],
])("%s", (_, mtimeNs, ctimeNs, hashedAt, proves) =>
  expect(provesUnchanged({ mtimeNs, ctimeNs, hashedAt })).toBe(proves),
);

test("is exact to the nanosecond, where a number is not", () =>
  fc.assert(
    fc.property(fc.bigInt({ min: -3_000_000_000n, max: 3_000_000_000n }), (offset) => {
      const mtimeNs = String(BigInt(HASHED) * 1_000_000n + offset);
      expect(provesUnchanged({ mtimeNs, ctimeNs: "0", hashedAt: HASHED })).toBe(offset <= -2_000_000_000n);
    }),
  ));
