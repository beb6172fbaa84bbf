import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactNumber } from "../../../../src/core/json/exact-number.ts";

/** A decimal as a fraction of integers: the other way to compare them. */
const same = (a: string, b: string): boolean => {
  const [x, y] = [fraction(a), fraction(b)];
  return x.over * y.under === y.over * x.under;
};
const fraction = (text: string): { readonly over: bigint; readonly under: bigint } => {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", part = ""] = mantissa.split(".");
  const power = Number(exponent) - part.length;
  const digits = BigInt(whole.replace("-", "") + part) * (whole.startsWith("-") ? -1n : 1n);
  return power < 0
    ? { over: digits, under: 10n ** BigInt(-power) }
    : { over: digits * 10n ** BigInt(power), under: 1n };
};

const jsonNumber = fc.stringMatching(/^-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1})?$/);
const BIG = "123456789012345678901234567890";

describe("one value, one spelling", () => {
  test.each([
    ["1", ["1.0", "1.000", "10e-1", "0.1e1", "0.01E+2", "1e0", "1E-0", "100e-2"]],
    ["100", ["1e2", "1E+2", "100.00", "0.1e3", "1000e-1"]],
    ["0", ["-0", "0.0", "-0.00", "0e5", "0E-30", `-0e${BIG}`]],
    ["-1.5", ["-15e-1", "-1.50"]],
    ["9007199254740993", ["9007199254740993.0", "9.007199254740993e15"]],
    [`1e${BIG}`, [`1e+${BIG}`, `10e${BigInt(BIG) - 1n}`, `0.1e${BigInt(BIG) + 1n}`]],
    [`1e-${BIG}`, [`10e-${BigInt(BIG) + 1n}`]],
  ])("%s", (value, spellings) => {
    for (const other of spellings) expect(exactNumber(other)).toBe(exactNumber(value));
  });
});

describe("other values, other spellings", () => {
  test.each([
    ["9007199254740993", "9007199254740992"], // equal as float64
    ["1e400", "1e401"], // both infinite as float64
    ["1e-400", "0"], // zero as float64
    ["0.1", "0.1000000000000000055511151231257827"],
    ["1", "-1"],
    ["1", "10"],
    ["10", "1e10"],
    ["12", "1.2"],
    [`1e${BIG}`, `1e-${BIG}`],
    [`1e${BIG}`, `1e${BigInt(BIG) + 1n}`],
  ])("%s is not %s", (a, b) => expect(exactNumber(a)).not.toBe(exactNumber(b)));
});

test.each([
  ["0", "0"],
  ["-0.00e9", "0"],
  ["1", "1e0"],
  ["150", "15e1"],
  ["-0.0150", "-15e-3"],
  ["2.50E+3", "25e2"],
])("%s is spelled %s: digits without zeros at their ends, and a power of ten", (text, spelled) =>
  expect(exactNumber(text)).toBe(spelled),
);

test("the spellings are equal just when the values are", () =>
  fc.assert(
    fc.property(jsonNumber, jsonNumber, (a, b) => {
      expect(exactNumber(a) === exactNumber(b)).toBe(same(a, b));
    }),
    { numRuns: 2000 },
  ));

test("shifting the point and the exponent together changes nothing", () =>
  fc.assert(
    fc.property(jsonNumber, fc.nat(50), (text, n) => {
      const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
      const longer = mantissa + (mantissa.includes(".") ? "" : ".") + "0".repeat(n + 1);
      expect(exactNumber(`${longer}e${exponent}`)).toBe(exactNumber(text));
      const whole = BigInt(mantissa.replace(".", "").replace("-", "")) * 10n ** BigInt(n);
      const power = BigInt(exponent) - BigInt((mantissa.split(".")[1] ?? "").length + n);
      expect(exactNumber(`${mantissa.startsWith("-") ? "-" : ""}${whole}e${power}`)).toBe(exactNumber(text));
    }),
  ));
