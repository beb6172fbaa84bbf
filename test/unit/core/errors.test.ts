import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERRORS, type ErrorCode, KgsyncError, toKgsyncError } from "../../../src/core/errors.ts";

describe("the table of errors", () => {
  test("has the exit codes of sysexits(3), and a shell's for a command", () =>
    expect(Object.fromEntries(Object.entries(ERRORS).map(([code, { exit }]) => [code, exit]))).toEqual({
      usage: 64,
      "graph-invalid": 65,
      "bucket-unavailable": 69,
      bug: 70,
      disk: 74,
      "not-durable": 75,
      "local-busy": 75,
      "lease-busy": 75,
      "bucket-denied": 77,
      "config-invalid": 78,
      "bucket-missing": 78,
      "store-unsafe": 78,
      "command-not-executable": 126,
      "command-not-found": 127,
    }));

  test("calls worth retrying just what time alone may heal", () =>
    expect(Object.entries(ERRORS).flatMap(([code, { retryable }]) => (retryable ? [code] : []))).toEqual([
      "bucket-unavailable",
      "not-durable",
      "local-busy",
      "lease-busy",
    ]));

  test("says what to do next in one or more whole sentences, a different one for each", () => {
    const hints = Object.values(ERRORS).map(({ hint }) => hint);
    for (const hint of hints) expect(hint).toMatch(/^[A-Z].{20,}\.$/);
    expect(new Set(hints).size).toBe(hints.length);
  });
});

describe("an error", () => {
  test("takes exit code, hint and retryability from the table", () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const error = new KgsyncError(code, "what and why");
      const { exit, retryable, hint } = error;
      expect({ exit, retryable, hint }).toEqual(ERRORS[code]);
      expect([error.code, error.message, error.name, error instanceof Error]).toEqual([
        code,
        "what and why",
        "KgsyncError",
        true,
      ]);
      expect("cause" in error).toBe(false);
    }
  });

  test("may have a hint of its own, and keeps its cause", () => {
    const cause = new Error("ENOSPC");
    const error = new KgsyncError("disk", "x", { cause, hint: "Do this." });
    expect(error.hint).toBe("Do this.");
    expect(error.cause).toBe(cause);
  });
});

describe("whatever was thrown", () => {
  test("is left alone when it is one of ours", () => {
    const ours = new KgsyncError("disk", "x");
    expect(toKgsyncError(ours)).toBe(ours);
  });

  test.each([
    [new TypeError("x is not a function"), "x is not a function"],
    ["a text", "a text"],
    [undefined, "undefined"],
    [null, "null"],
    [Symbol("s"), "Symbol(s)"],
    [Object.create(null), "something without a text was thrown"],
  ])("is a defect of ours otherwise: %#", (thrown, message) => {
    const error = toKgsyncError(thrown);
    expect([error.code, error.message, error.cause]).toEqual(["bug", message, thrown]);
  });

  test("never leads to another throw", () =>
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withObjectString: true }), (thrown) => {
        expect(toKgsyncError(thrown).exit).toBe(70);
      }),
    ));
});
