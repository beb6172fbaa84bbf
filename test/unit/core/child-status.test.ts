import { expect, test } from "vitest";
import { exitCodeOf } from "../../../src/core/child-status.ts";

test("a program's own code is passed on, all 256 of them", () => {
  for (let code = 0; code < 256; code++) expect(exitCodeOf({ kind: "exited", code })).toBe(code);
});

test("a signal n is told as 128 + n", () => {
  for (let signal = 1; signal < 32; signal++) expect(exitCodeOf({ kind: "signaled", signal })).toBe(128 + signal);
});
