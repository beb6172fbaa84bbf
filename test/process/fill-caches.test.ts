import { spawn } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

// What the image's build does (Dockerfile, stage `prepared`), on a bundle of the test's own.
const bin = useBundle();
const caches = (): string => join(dirname(bin()), "compile-cache");
const sizeOf = (start: string): number => {
  const [name = "", ...more] = readdirSync(caches()).filter((file) => file.startsWith(start));
  expect(more).toEqual([]);
  return statSync(join(caches(), name)).size;
};

const fill = async (): Promise<void> => {
  const script = ["scripts/fill-caches.ts", process.execPath, bin()];
  const child = spawn(process.execPath, script, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (bytes) => (log += bytes));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, log }).toMatchObject({ code: 0 });
};

test("the build fills the caches by runs that pull, push and end: a start uses them, and they hold more than one that fails", async ({
  onTestFinished,
}) => {
  const place = createStoryPlace(bin);
  const nowhere = { ...s3Env({ endpoint: "http://127.0.0.1:9", bucket: "bucket" }), KGSYNC_START_TIMEOUT: "1s" };
  const unanswered = place.start(["run", "--", "true"], nowhere);
  expect((await unanswered.ended).code).toBe(69);
  const before = sizeOf("run-s3.");
  rmSync(caches(), { recursive: true });

  await fill();
  const names = readdirSync(caches()).map((name) => name.replace(/\..*/, ""));
  expect(names.sort()).toEqual(["az-object-store", "gs-object-store", "health-any", "run-any", "run-s3"]);
  expect(sizeOf("run-s3.")).toBeGreaterThan(1.1 * before);

  const double = await startS3Double();
  onTestFinished(double.close);
  for (const env of [s3Env(double), {}]) {
    const run = createStoryPlace(bin).start(["run", "--", "true"], { ...env, NODE_DEBUG: "kgsync" });
    expect((await run.ended).code).toBe(0);
    expect(run.err()).toMatch(/code cache \S+\/run-(?:s3|any)\.\S+: used/);
    expect(run.err()).not.toMatch(/code cache \S+: (?:absent|refused)/);
  }
});
