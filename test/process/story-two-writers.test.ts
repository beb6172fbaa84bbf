import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

type Place = ReturnType<typeof createStoryPlace>;

/** A second machine with the same bucket. */
const beside = (place: Place): { readonly place: Place; readonly env: Readonly<Record<string, string>> } => ({
  place: createStoryPlace(bin),
  env: { KGSYNC_BUCKET: `file://${place.bucket}` },
});

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();

const save = (run: RunningKgsync, ...names: readonly string[]): void =>
  run.say(JSON.stringify({ save: graphOf(...names) }));

test("two apps at once: each saves what it holds, the bucket gets both, and so does each disk at the end", async () => {
  const one = createStoryPlace(bin);
  const { place: two, env } = beside(one);
  const first = one.run({ save: graphOf("first") });
  await first.waitForEvent("push.stored");
  const second = two.run({}, env);
  await second.waitForLine(/app: ready/);
  expect(services(two.local())).toEqual(["first"]);

  save(first, "first", "one");
  await first.waitForEvent("push.stored", 2);
  save(second, "first", "two"); // it has never heard of `one`
  await second.waitForEvent("merge.done");
  await second.waitForEvent("push.stored");
  expect(services(one.remote())).toEqual(["first", "one", "two"]);
  expect(services(two.local())).toEqual(["first", "two"]); // the file under a running app stays

  save(first, "one", "more"); // and `first` is gone on purpose
  await first.waitForEvent("merge.done");
  await first.waitForEvent("push.stored", 3);
  expect(services(one.remote())).toEqual(["more", "one", "two"]);

  for (const run of [second, first]) {
    run.signal("SIGTERM");
    expect(await run.ended).toEqual({ code: 143, signal: null });
  }
  expect(services(one.remote())).toEqual(["more", "one", "two"]);
  expect(one.local()).toBe(one.remote());
  const again = two.run({}, env);
  await again.waitForLine(/app: ready/);
  expect(two.local()).toBe(one.remote());
});

test("both change the same: one wins, the other is recorded in the bucket, and the code tells that all is safe", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") });
  await run.waitForEvent("push.stored");
  const theirs = graphOf("first").replace('"one":1', '"one":2');
  const ours = graphOf("first").replace('"one":1', '"one":3');
  place.setRemote(theirs);
  run.say(JSON.stringify({ save: ours }));
  const told = await run.waitForEvent("merge.conflicts");
  expect(told).toMatchObject({ level: "warn", conflicts: 1 });
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  const record = JSON.parse(place.textAt(join(place.bucket, String(told["key"]))) ?? "");
  const { chosen } = record.conflicts[0];
  expect(place.remote()).toBe(chosen === "ours" ? ours : theirs);
  const lost = record[chosen === "ours" ? "theirs" : "ours"];
  expect(place.textAt(join(place.bucket, lost.key))).toBe(chosen === "ours" ? theirs : ours);
});

test("killed after both had changed: the next start merges before the app runs", async () => {
  const place = createStoryPlace(bin);
  const run = place.run({ save: graphOf("first") });
  await run.waitForEvent("push.stored");
  await run.killAll();
  place.setLocal(graphOf("first", "ours"));
  place.setRemote(graphOf("first", "theirs"));
  const again = place.run();
  await again.waitForLine(/app: ready/);
  expect(services(place.local())).toEqual(["first", "ours", "theirs"]);
  expect(place.remote()).toBe(place.local());
});
