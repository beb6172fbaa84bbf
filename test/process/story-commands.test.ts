import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, manyServices, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

const done = async (run: RunningKgsync): Promise<{ readonly code: number | null; readonly run: RunningKgsync }> => ({
  code: (await run.ended).code,
  run,
});
const kgsync = (place: Place, ...args: readonly string[]) => done(place.start(args));

test("on a laptop: pull a fresh copy, edit, push, pull again", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  place.put(join(place.bucket, "backups/b.json"), "{}");
  expect((await kgsync(place, "pull")).code).toBe(0);
  expect([place.local(), place.filesBelow(place.backups)]).toEqual([graphOf("one"), ["b.json"]]);
  place.setLocal(graphOf("one", "mine"));
  place.put(join(place.backups, "c.json"), "{}");

  // a pull never overwrites what is not in the bucket yet
  const early = await kgsync(place, "pull");
  expect([early.code, place.local()]).toEqual([0, graphOf("one", "mine")]);
  expect(await early.run.waitForEvent("pull.local-newer")).toMatchObject({ level: "warn" });

  expect((await kgsync(place, "push")).code).toBe(0);
  expect(place.remote()).toBe(graphOf("one", "mine"));
  expect(place.filesBelow(join(place.bucket, "backups"))).toEqual(["b.json", "c.json"]);
  const again = await kgsync(place, "push");
  expect([again.code, again.run.logs().some(({ event }) => event === "push.stored")]).toEqual([0, false]);
});

test("push when the bucket has moved: a newer one there is told, two changes are merged, there by a push and here by a pull", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  expect((await kgsync(place, "pull")).code).toBe(0);
  place.setRemote(graphOf("one", "theirs"));
  const newer = await kgsync(place, "push");
  expect(newer.code).toBe(0);
  expect(await newer.run.waitForEvent("push.remote-newer")).toMatchObject({
    msg: expect.stringContaining("kgsync pull"),
  });
  expect(place.remote()).toBe(graphOf("one", "theirs"));

  place.setLocal(graphOf("one", "mine"));
  const both = await kgsync(place, "push");
  expect(both.code).toBe(0);
  expect(JSON.parse(place.remote() ?? "")).toEqual(JSON.parse(graphOf("one", "theirs", "mine")));
  expect(place.local()).toBe(graphOf("one", "mine")); // a push writes nothing on disk

  place.setLocal(graphOf("one", "mine", "later"));
  const pulled = await kgsync(place, "pull");
  expect(pulled.code).toBe(0);
  await pulled.run.waitForEvent("pull.merged");
  expect(JSON.parse(place.local() ?? "")).toEqual(JSON.parse(graphOf("one", "theirs", "mine", "later")));
  expect((await kgsync(place, "push")).code).toBe(0);
  expect(place.remote()).toBe(place.local());
});

test("a graph that lost nearly everything is held back, until a person lets exactly this one through", async () => {
  const place = createStoryPlace(bin);
  const full = graphOf(...manyServices(40));
  const wiped = graphOf();
  const run = place.run({ save: full });
  await run.waitForEvent("push.stored");
  run.say(JSON.stringify({ save: wiped }));
  const latched = await run.waitForEvent("guard.latched");
  expect(place.remote()).toBe(full);
  // what an emptied app adds again would be under the limit: the latch holds
  run.say(JSON.stringify({ save: graphOf(...manyServices(30)) }));
  await run.waitForEvent("guard.latched", 2);
  run.say(JSON.stringify({ save: wiped }));
  await run.waitForEvent("guard.latched", 3);
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(75);
  expect(place.remote()).toBe(full);

  expect((await kgsync(place, "push")).code).toBe(75);
  expect((await kgsync(place, "push", "--allow-shrink", "00000000")).code).toBe(75);
  expect(place.remote()).toBe(full);
  const words = String(latched["allow"]).split(" ").slice(1);
  expect((await kgsync(place, ...words)).code).toBe(0);
  expect(place.remote()).toBe(wiped);
});

test("a latched guard: the next start takes the bucket's graph, and keeps ours aside", async () => {
  const place = createStoryPlace(bin);
  const full = graphOf(...manyServices(40));
  const run = place.run({ save: full });
  await run.waitForEvent("push.stored");
  run.say(JSON.stringify({ save: graphOf("only") }));
  await run.waitForEvent("guard.latched");
  await run.killAll();
  const again = place.run();
  await again.waitForLine(/app: ready/);
  const aside = await again.waitForEvent("start.kept-aside");
  expect([place.local(), place.textAt(String(aside["path"]))]).toEqual([full, graphOf("only")]);
  again.signal("SIGTERM");
  expect((await again.ended).code).toBe(143);
});

test("pull on a damaged local file keeps it aside; pull of an invalid graph ends with 65", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  place.setLocal('{"half');
  const pulled = await kgsync(place, "pull");
  expect([pulled.code, place.local()]).toEqual([0, graphOf("one")]);
  expect(place.textAt(String((await pulled.run.waitForEvent("start.kept-aside"))["path"]))).toBe('{"half');
  place.setRemote("not a graph");
  const invalid = await kgsync(place, "pull");
  expect([invalid.code, place.local()]).toEqual([65, graphOf("one")]);
});

test("pull and push where there is nothing", async () => {
  const place = createStoryPlace(bin);
  expect((await kgsync(place, "pull")).code).toBe(0);
  expect((await kgsync(place, "push")).code).toBe(0);
  expect(place.objects().filter((name) => name !== ".kgsync/probe")).toEqual([]);
});

test("a TERM ends pull and push with 143 while the bucket says nothing", async () => {
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), "silent");
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  for (const command of ["pull", "push"]) {
    const place = createStoryPlace(bin);
    place.setLocal(graphOf("mine"));
    const before = proxy.connections();
    const run = place.start([command], s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }));
    await expect.poll(proxy.connections, { timeout: 30_000 }).toBeGreaterThan(before);
    run.signal("SIGTERM");
    expect(await run.ended).toEqual({ code: 143, signal: null });
    expect(place.local()).toBe(graphOf("mine"));
  }
});

test("health in each phase of a run", async () => {
  const place = createStoryPlace(bin);
  const health = async (): Promise<readonly [number | null, string]> => {
    const { code, run } = await kgsync(place, "health");
    expect(run.err()).toBe("");
    return [code, run.out()];
  };
  expect(await health()).toEqual([1, expect.stringContaining("no kgsync runs here")]);
  const run = place.run({ onTerm: { lag: 5000, exit: 0 }, save: graphOf("one") });
  await run.waitForEvent("push.stored");
  await expect
    .poll(health, { timeout: 30_000 })
    .toEqual([0, expect.stringContaining("all local work is in the bucket")]);
  // the bucket is in trouble: unwell it is not, an orchestrator must not kill the app with its unsent save
  rmSync(place.bucket, { recursive: true });
  writeFileSync(place.bucket, "");
  run.say(JSON.stringify({ save: graphOf("one", "two") }));
  await run.waitForEvent("push.not-durable");
  await expect.poll(health, { timeout: 30_000 }).toEqual([0, expect.stringMatching(/waiting for \d+ s: .*bucket/)]);
  rmSync(place.bucket);
  mkdirSync(place.bucket);
  run.signal("SIGTERM");
  await run.waitForLine(/app: got TERM/);
  await expect.poll(health, { timeout: 30_000 }).toEqual([0, expect.stringContaining("stopping")]);
  expect((await run.ended).code).toBe(0);
  expect(await health()).toEqual([1, expect.stringMatching(/has ended: the app ended with 0; all its data is in/)]);
});

test("health of a start that waits for the bucket", async () => {
  const place = createStoryPlace(bin);
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), "silent");
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  const run = place.run({}, s3Env({ ...double, endpoint: `http://127.0.0.1:${proxy.port}` }));
  await expect
    .poll(
      async () => {
        const { code, run: asked } = await kgsync(place, "health");
        return [code, asked.out()];
      },
      { timeout: 30_000 },
    )
    .toEqual([1, expect.stringContaining("the app does not run yet: kgsync is pulling")]);
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(143);
});

test("health while a push stands still: what it carries is not said to be in the bucket", async () => {
  const place = createStoryPlace(bin);
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port));
  onTestFinished(async () => {
    await proxy.close();
    await double.close();
  });
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const env = { ...s3Env({ ...double, endpoint }), KGSYNC_REQUEST_TIMEOUT: "5m", KGSYNC_GRACE: "2s" };
  const run = place.run({ save: graphOf("one") }, env);
  await run.waitForEvent("push.stored");
  proxy.setMode("silent");
  run.say(JSON.stringify({ save: graphOf("one", "two") }));
  const waiting = async () => (await kgsync(place, "health")).run.out();
  await expect.poll(waiting, { timeout: 60_000 }).toMatch(/^running; local work has been waiting for \d+ s/);
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(75);
});

test("config shows every setting with its source; help, version", async () => {
  const place = createStoryPlace(bin);
  const shown = await done(place.start(["config", "--interval", "7s"], { KGSYNC_GRACE: "45s" }));
  expect(shown.code).toBe(0);
  expect(shown.run.out()).toMatch(/KGSYNC_INTERVAL +7s +flag/);
  expect(shown.run.out()).toMatch(/KGSYNC_GRACE +45s +env/);
  expect(shown.run.out()).toMatch(/KGSYNC_QUIESCE +2s +default/);
  expect((await kgsync(place, "version")).run.out()).toMatch(/^\d+\.\d+\.\d+/);
  expect((await kgsync(place, "help", "run")).run.out()).toContain("Usage: kgsync run");
  expect((await kgsync(place)).code).toBe(64);
  expect(place.filesBelow(place.cwd)).toEqual([]);
});

test("a bucket that does not answer is one line of the log, however many requests wait for it", async () => {
  const place = createStoryPlace(bin);
  const log = place.start(
    ["log", "--start-timeout", "2s"],
    s3Env({ endpoint: "http://127.0.0.1:9", bucket: "my-bucket" }),
  );
  expect((await log.ended).code).toBe(69);
  expect(log.logs().map(({ event }) => event)).toEqual(["bucket.retry", "failed"]);
});
