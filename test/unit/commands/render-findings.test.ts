import { expect, it } from "vitest";
import { findingCount, findingLines, findingsJson } from "../../../src/commands/doctor/render-findings.ts";
import { ok, problem, warning } from "../../../src/core/doctor/finding.ts";

const FINDINGS = [
  ok("cwd", "/app"),
  warning("grace", "it is long\nand wide", "see to it"),
  problem("bucket.put", "bucket-denied", "denied", "ask"),
];

it("a line for each, what to do below it, and a count", () => {
  expect(findingLines(FINDINGS, false) + findingCount(FINDINGS)).toBe(
    [
      "ok       cwd                /app",
      "warning  grace              it is long and wide",
      "                            → see to it",
      "problem  bucket.put         denied",
      "                            → ask",
      "",
      "1 problem, 1 warning",
      "",
    ].join("\n"),
  );
  expect(findingCount([])).toBe("\n0 problems, 0 warnings\n");
});

it("colour on the status alone", () => {
  expect(findingLines(FINDINGS.slice(2), true)).toContain("\u001b[31mproblem\u001b[0m  bucket.put         denied\n");
});

it("for programs the same, with the code of a problem", () => {
  expect(JSON.parse(findingsJson(FINDINGS))).toEqual({ problems: 1, warnings: 1, findings: FINDINGS });
  expect(JSON.parse(findingsJson(FINDINGS)).findings[2].code).toBe("bucket-denied");
});
