import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeTerminationLog } from "../../../src/adapters/termination-log.ts";
import { tempDir } from "../../support/temp-dir.ts";

test("writes one line into a file that is there, over what was in it", () => {
  const path = join(tempDir(), "termination-log");
  writeFileSync(path, "x".repeat(100));
  writeTerminationLog(path, "exit 75:\n  the last save is not in the bucket\n");
  expect(readFileSync(path, "utf8")).toBe("exit 75: the last save is not in the bucket");
});

test("at most 4096 bytes, and no half character", () => {
  const path = join(tempDir(), "termination-log");
  writeFileSync(path, "");
  writeTerminationLog(path, `a${"é".repeat(4000)}`);
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(4095);
  expect(bytes.toString("utf8")).toBe(`a${"é".repeat(2047)}`);
});

test("makes no file, and never throws", () => {
  const folder = tempDir();
  writeTerminationLog(join(folder, "absent"), "x");
  expect(existsSync(join(folder, "absent"))).toBe(false);
  mkdirSync(join(folder, "folder"));
  writeTerminationLog(join(folder, "folder"), "x");
  writeTerminationLog(join(folder, "no", "such"), "x");
});
