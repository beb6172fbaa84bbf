import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
type Place = ReturnType<typeof createStoryPlace>;

/** Nothing goes up by itself while the app runs. */
const QUIET = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };

const done = async (run: RunningKgsync) => ({ code: (await run.ended).code, out: run.out(), run });
const kgsync = (place: Place, ...args: readonly string[]) => done(place.start(args));
const json = async (place: Place, ...args: readonly string[]) => {
  const { code, out } = await kgsync(place, ...args, "--json");
  return { code, shown: out === "" ? undefined : JSON.parse(out) };
};

const stopped = async (run: RunningKgsync, code = 143): Promise<void> => {
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(code);
};

test("sync beside a running app: it pushes now, and says what came of it", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  const run = place.run({}, QUIET);
  await run.waitForLine(/app: ready/);
  run.say(JSON.stringify({ save: graphOf("one", "mine") }));
  await run.waitForLine(/did save/);
  expect(place.remote()).toBe(graphOf("one"));
  expect(await json(place, "status")).toMatchObject({ code: 1, shown: { inStep: false, running: true, dirty: true } });
  expect((await kgsync(place, "status")).out).toMatch(/^waiting +a change that no push has brought over yet$/m);
  const dry = await kgsync(place, "sync", "--dry-run");
  expect(dry.out).toMatch(/^a kgsync runs here.*\ngraph +push: only the disk has changed$/m);
  expect(place.remote()).toBe(graphOf("one"));

  expect(await json(place, "sync")).toMatchObject({ code: 0, shown: { by: "running", graph: "stored" } });
  expect(place.remote()).toBe(graphOf("one", "mine"));
  expect(await json(place, "sync")).toMatchObject({ code: 0, shown: { by: "running", graph: "clean" } });

  place.setRemote(graphOf("one", "mine", "theirs"));
  run.say(JSON.stringify({ save: graphOf("one", "mine", "later") }));
  await run.waitForLine(/did save[\s\S]*did save/);
  const merged = await kgsync(place, "sync");
  expect([merged.code, merged.out]).toEqual([
    0,
    "in step by the kgsync that runs here: the graph on disk is merged with the bucket's\n",
  ]);
  expect(Object.keys(JSON.parse(place.remote() ?? "").services).sort()).toEqual(["later", "mine", "one", "theirs"]);
  expect(place.local()).toBe(graphOf("one", "mine", "later")); // under a running app the disk is its own
  await stopped(run);
});

test("sync beside a running app whose save cannot be pushed: why, and 75", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: "[1]" }, QUIET);
  await run.waitForLine(/app: ready/);
  const failed = await kgsync(place, "sync");
  expect(failed.code).toBe(75);
  expect(failed.run.logs().at(-1)).toMatchObject({ event: "failed", msg: expect.stringContaining("damaged") });
  const { code, shown } = await json(place, "status");
  expect([code, shown.inStep, shown.why]).toEqual([1, false, expect.stringContaining("damaged")]);
  await stopped(run, 75);
});

test("sync with nobody running is a pull and a push, and a merge of both", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  place.put(join(place.bucket, "backups/theirs.json"), "{}");
  place.put(join(place.backups, "ours.json"), "{}");
  const dry = await kgsync(place, "sync", "--dry-run");
  expect([dry.code, dry.out]).toEqual([
    0,
    "graph    pull: no graph on disk\nbackups  1 to pull, 1 to push\nnothing was changed\n",
  ]);
  expect([place.local(), place.objects()]).toEqual([undefined, ["backups/theirs.json", "knowledge_graph.json"]]);
  expect(readdirSync(join(place.cwd, "amadeus"))).toEqual(["backups"]);

  expect(await json(place, "sync")).toEqual({
    code: 0,
    shown: { by: "command", graph: "pulled", pulled: 1, pushed: 1, documents: [] },
  });
  expect(place.local()).toBe(graphOf("one"));
  expect(place.objects()).toContain("backups/ours.json");

  place.setLocal(graphOf("one", "mine"));
  place.setRemote(graphOf("one", "theirs"));
  expect((await json(place, "sync", "--dry-run")).shown.graph.do).toBe("merge");
  expect((await json(place, "sync")).shown.graph).toBe("merged");
  expect(Object.keys(JSON.parse(place.remote() ?? "").services).sort()).toEqual(["mine", "one", "theirs"]);
  expect(place.local()).toBe(place.remote());

  place.setLocal(graphOf("one", "mine"));
  expect((await json(place, "sync")).shown.graph).toBe("stored");
  expect(place.remote()).toBe(graphOf("one", "mine")); // what was seen and taken out is a removal
  expect((await kgsync(place, "sync")).out).toBe("in step: the graph was in step already\n");
});

test("status with nobody running: what a look at both sides says, and the exit code with it", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  expect(await json(place, "status")).toMatchObject({
    code: 1,
    shown: { inStep: false, running: false, dirty: false, plan: { do: "pull" }, lease: null },
  });
  expect(readdirSync(place.cwd)).toEqual([]);
  expect((await kgsync(place, "sync")).code).toBe(0);
  expect(await json(place, "status")).toMatchObject({ code: 0, shown: { inStep: true, plan: { do: "keep" } } });
  place.setLocal(graphOf("one", "mine"));
  const told = await kgsync(place, "status");
  expect(told.code).toBe(1);
  expect(told.out).toMatch(/^in step +no$/m);
  expect(told.out).toMatch(/^kgsync +does not run here$/m);
  expect(told.out).toMatch(/^next +push: only the disk has changed$/m);
});

test("status and health of one that runs: from itself, also while its file is old", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("one") }, { KGSYNC_LEASE: "on" });
  await run.waitForEvent("push.stored");
  expect((await kgsync(place, "sync")).code).toBe(0);
  const { code, shown } = await json(place, "status");
  expect([code, shown]).toMatchObject([
    0,
    { inStep: true, running: true, phase: "running", lease: { state: "held", epoch: 1 }, ended: null, plan: null },
  ]);
  for (const at of ["startedAt", "inStepSince", "lastPulledAt", "lastPushedAt", "lastStoredAt"])
    expect(shown[at]).toBeGreaterThan(0);
  expect((await kgsync(place, "status")).out).toMatch(/^in step +yes, since 2.*ago\)$/m);

  place.put(join(place.state, "status.json"), JSON.stringify({ ...place.status(), writtenAt: 0 }));
  const well = await kgsync(place, "health");
  expect([well.code, well.out]).toEqual([0, "running; all local work is in the bucket\n"]);
  await stopped(run);
  expect((await kgsync(place, "status")).out).toMatch(/^kgsync +does not run here; the last one ended with 143: /m);
});

test("killed: health knows it at once, though the status file is young; status and sync do without it", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("one") });
  await run.waitForEvent("push.stored");
  run.say(JSON.stringify({ save: graphOf("one", "two") }));
  await run.waitForEvent("push.stored", 2);
  await run.killAll();
  const ill = await kgsync(place, "health");
  expect([ill.code, ill.out]).toEqual([1, "no kgsync runs here: the last one was killed\n"]);
  expect((await kgsync(place, "status")).out).toMatch(
    /^kgsync +does not run here; the last one was killed in phase running$/m,
  );
  expect(await json(place, "sync")).toMatchObject({ code: 0, shown: { by: "command", graph: "clean" } });
});

test("a kgsync with another state folder is found beside the graph", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({}, { ...QUIET, KGSYNC_STATE_DIR: join(place.root, "elsewhere") });
  await run.waitForLine(/app: ready/);
  run.say(JSON.stringify({ save: graphOf("one") }));
  await run.waitForLine(/did save/);
  expect(await json(place, "sync")).toMatchObject({ code: 0, shown: { by: "running", graph: "stored" } });
  await stopped(run);
});

test("sync while the app does not run yet is refused with 75", async () => {
  const place = createStoryPlace(bin);
  const holder = place.run({}, { KGSYNC_LEASE: "on" });
  await holder.waitForLine(/app: ready/);
  const other = createStoryPlace(bin);
  const bucket = { KGSYNC_BUCKET: `file://${place.bucket}`, KGSYNC_LEASE: "on", KGSYNC_READY_WHEN: "standby" };
  const standby = other.run({}, bucket);
  await standby.waitForEvent("lease.waiting");
  const refused = await kgsync(other, "sync");
  expect(refused.code).toBe(75);
  expect(refused.run.logs().at(-1)?.msg).toContain("kgsync is leasing");
  standby.signal("SIGTERM");
  await standby.ended;
  await stopped(holder);
});

test("the socket is its user's alone", async () => {
  const place = createStoryPlace(bin);
  const run = place.run();
  await run.waitForLine(/app: ready/);
  const sockets = readdirSync(place.state).filter((name) => name.endsWith(".sock"));
  expect(sockets).toHaveLength(1);
  expect(statSync(join(place.state, sockets[0] ?? "")).mode & 0o777).toBe(0o600);
  await stopped(run);
});
