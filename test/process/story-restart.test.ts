import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { createStoryPlace, graphOf, s3Env } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
/** Nothing goes up while the app runs: only the last push would. */
const QUIET = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };

test("killed with a save that was never sent: the next start brings it to the bucket, and does not overwrite it", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("old"));
  const first = place.run({}, QUIET);
  await first.waitForLine(/app: ready/);
  first.say(JSON.stringify({ save: graphOf("old", "unsent") }));
  await first.waitForLine(/did save/);
  await first.killAll();
  expect(place.remote()).toBe(graphOf("old"));

  const second = place.run({}, QUIET);
  await second.waitForLine(/app: ready/);
  expect((await second.waitForEvent("start.plan"))["plan"]).toBe("push");
  expect([place.local(), place.remote()]).toEqual([graphOf("old", "unsent"), graphOf("old", "unsent")]);
  second.signal("SIGTERM");
  expect(await second.ended).toEqual({ code: 143, signal: null });
});

test.for(["stall-headers", "commit-then-stall"] as const)(
  "killed in the middle of an upload (%s): the next start settles it",
  async (kind) => {
    const place = createStoryPlace(bin);
    const double = await startS3Double();
    double.put("app/knowledge_graph.json", graphOf("old"));
    const first = place.run({}, s3Env(double));
    await first.waitForLine(/app: ready/);
    const target = { operation: "PutObject", key: "app/knowledge_graph.json" } as const;
    double.faults.add(target, { kind });
    first.say(JSON.stringify({ save: graphOf("old", "half-sent") }));
    await vi.waitFor(() => double.faults.expectAllPlayed(), { timeout: 30_000 });
    await first.killAll();

    const second = place.run({}, s3Env(double));
    await second.waitForLine(/app: ready/);
    await second.waitForEvent("state.recovered");
    expect(double.objects.get("app/knowledge_graph.json")?.body.toString()).toBe(graphOf("old", "half-sent"));
    expect(place.local()).toBe(graphOf("old", "half-sent"));
    expect([...double.objects.keys()].filter((key) => key.includes("conflicts"))).toEqual([]);
    second.signal("SIGTERM");
    expect(await second.ended).toEqual({ code: 143, signal: null });
    await double.close();
  },
);

test("a change of the same size is noticed, also with the old time put back", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("aaa") }, { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "100ms" });
  await run.waitForEvent("push.stored");
  // in place, as the app writes, and the time is back in the same instant: only ctime tells
  const other = join(place.root, "other");
  writeFileSync(other, graphOf("bbb"));
  execFileSync("touch", ["-r", place.graph, other]);
  execFileSync("cp", ["-p", other, place.graph]);
  await run.waitForEvent("push.stored", 2);
  expect(place.remote()).toBe(graphOf("bbb"));
  run.signal("SIGTERM");
  expect((await run.ended).code).toBe(143);
});

test("half a file and an empty one are never uploaded: they wait while the app runs, and end in quarantine", async () => {
  const place = createStoryPlace(bin);
  const whole = graphOf("good");
  const run = place.run({ save: whole }, { KGSYNC_INTERVAL: "100ms" });
  await run.waitForEvent("push.stored");
  for (const damaged of ["", whole.slice(0, 40)]) {
    run.say(JSON.stringify({ save: damaged, file: [join(place.backups, `probe-${damaged.length}.json`), "{}"] }));
    // the look that brought the backup up has seen the damaged graph before it
    await run.waitForEvent("push.backups", damaged === "" ? 1 : 2);
    expect(place.remote()).toBe(whole);
  }
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 75, signal: null });
  const [end] = run.logs().filter(({ event }) => event === "end");
  expect([end?.["data"], end?.msg]).toEqual([
    "unsafe",
    expect.stringMatching(/damaged.*kept in the bucket as \.kgsync\/conflicts\/quarantine-/),
  ]);
  expect(place.remote()).toBe(whole);
  const kept = place.objects().filter((name) => name.includes("quarantine-"));
  expect(kept.map((name) => readFileSync(join(place.bucket, name), "utf8"))).toEqual([whole.slice(0, 40)]);
  expect(place.local()).toBe(whole.slice(0, 40));

  const again = place.run();
  await again.waitForLine(/app: ready/);
  expect(place.local()).toBe(whole);
  again.signal("SIGTERM");
  expect((await again.ended).code).toBe(143);
});

test.for(["emptied", "removed", "replaced by an empty mount"] as const)(
  "the backups folder %s between two runs: nothing is deleted in the bucket, and the files come back",
  async (how) => {
    const place = createStoryPlace(bin);
    const names = ["one.json", "deep/two.json", "three.json"];
    for (const name of names) place.put(join(place.backups, name), `{"is":"${name}"}`);
    const first = place.run({ save: graphOf("a") });
    await first.waitForLine(/app: ready/);
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(143);
    const kept = place.filesBelow(join(place.bucket, "backups"));
    expect(kept).toEqual([...names].sort());

    if (how === "replaced by an empty mount") renameSync(place.backups, join(place.root, "elsewhere"));
    else rmSync(place.backups, { recursive: true });
    if (how !== "removed") mkdirSync(place.backups);
    const second = place.run();
    await second.waitForLine(/app: ready/);
    expect(place.filesBelow(place.backups)).toEqual([...names].sort());
    // and again while the app runs: the last push looks at an empty folder
    rmSync(place.backups, { recursive: true });
    if (how === "emptied") mkdirSync(place.backups);
    second.signal("SIGTERM");
    expect((await second.ended).code).toBe(143);
    expect(place.filesBelow(join(place.bucket, "backups"))).toEqual(kept);
  },
);
