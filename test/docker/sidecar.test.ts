import { describe, expect, it, vi } from "vitest";
import { docker } from "../support/docker.ts";
import { withoutClock } from "../support/docker-graph.ts";
import { BUCKET_ENV, createLab, GRAPH, IMAGE, REMOTE } from "../support/docker-lab.ts";
import { sampleGraphBytes } from "../support/sample-graph.ts";

const lab = createLab();
const PATIENCE = { timeout: 60_000, interval: 50 };

/** A container of kgsync alone, and one of the app alone, as one user on one volume. */
const startBoth = async (seed: number) => {
  const { flags } = await lab.disks(sampleGraphBytes({ seed }));
  const env = { ...BUCKET_ENV, KGSYNC_LOG_FORMAT: "json" };
  const watch = await lab.start({
    image: IMAGE,
    flags: [...flags, "--entrypoint", "kgsync"],
    env,
    command: ["watch"],
  });
  await watch.line(/"event":"watch\.started"/);
  expect((await docker("exec", watch.id, "kgsync", "health")).trim()).toContain("running");
  const app = await lab.start({ flags: [...flags, "--entrypoint", "node"], command: ["/app/sample-app.ts"] });
  await app.line(/^ready /);
  return { watch, app };
};

describe.concurrent("a sidecar and an app in another container, on one volume", () => {
  it("the app finds the bucket's graph, its saves go up, and the last one after both have stopped", async () => {
    const { watch, app } = await startBoth(21);
    await app.kill("USR1");
    await app.line(/^saved backup /);
    await vi.waitFor(async () => expect((await watch.file(REMOTE))?.toString()).toMatch(/"sample1"/), PATIENCE);
    expect(await docker("exec", watch.id, "kgsync", "sync")).toMatch(/^in step by the kgsync that runs here: /);
    await app.kill("USR1");
    await app.stop(10);
    expect(await app.ended()).toBe(0);
    await watch.stop(10);
    expect(await watch.ended()).toBe(0);
    expect(withoutClock(await watch.file(REMOTE))).toBe(withoutClock(await watch.file(GRAPH)));
  });

  it("a sidecar that is killed and started again goes on beside the app that runs", async () => {
    const { watch, app } = await startBoth(22);
    await watch.kill("KILL");
    expect(await watch.ended()).toBe(137);
    await app.kill("USR1");
    await app.line(/^saved backup /);
    await watch.start();
    await vi.waitFor(async () => expect((await watch.file(REMOTE))?.toString()).toMatch(/"sample1"/), PATIENCE);
    await app.stop(10);
    await watch.stop(10);
    expect(await watch.ended()).toBe(0);
  });
});
