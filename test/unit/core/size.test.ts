import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSize, parseSize } from "../../../src/core/size.ts";

describe("parseSize", () => {
  it.each([
    ["0B", 0],
    ["512B", 512],
    ["64KiB", 65_536],
    ["8MiB", 8_388_608],
    ["5GiB", 5_368_709_120],
  ])("reads %s as %d bytes", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(["", "0", "8", "8M", "8MB", "8mib", "8 MiB", "1.5MiB", "-1B", "08MiB", "8MiB\n", "99999999999999999999GiB"])(
    "refuses %j",
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );
});

describe("formatSize", () => {
  it("is read back as it was", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });

  it.each([
    [0, "0B"],
    [1000, "1000B"],
    [1024, "1KiB"],
    [8_388_608, "8MiB"],
  ])("writes %d as %s", (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
