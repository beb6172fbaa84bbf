import { spawn } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { createStoryPlace } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const AT_ONCE = 4;
const CODES = Array.from({ length: 256 }, (_, code) => code);

const exitOf = (root: string, code: number): Promise<number | null> => {
  const env = { PATH: process.env["PATH"], KGSYNC_BUCKET: `file://${root}/bucket` };
  const run = spawn(process.execPath, [bin(), "run", "--", "sh", "-c", `exit ${code}`], {
    cwd: root,
    env,
    stdio: "ignore",
  });
  return new Promise((resolve) => run.once("exit", resolve));
};

test("all 256 exit codes of an app are kgsync's, also those by which it would mean something itself", {
  timeout: 300_000,
}, async () => {
  const found = new Map<number, number | null>();
  const rest = [...CODES];
  // Each lane has a disk and a bucket of its own: two wrappers on one graph would exclude each other.
  const lane = async (): Promise<void> => {
    const { root } = createStoryPlace(bin, onTestFinished);
    for (let code = rest.pop(); code !== undefined; code = rest.pop()) found.set(code, await exitOf(root, code));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  expect(CODES.map((code) => found.get(code))).toEqual(CODES);
});
