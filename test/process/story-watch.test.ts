import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
/** No app that is stopped at the same time. */
const AT_ONCE = { KGSYNC_QUIESCE: "0" };

test("watch: the app of another container finds the bucket's graph, its saves go up, and the last one at the stop", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  const watch = place.start(["watch"], AT_ONCE);
  await watch.waitForEvent("watch.started");
  expect(place.local()).toBe(graphOf("one"));
  place.setLocal(graphOf("one", "two"));
  await watch.waitForEvent("push.stored");
  expect(place.remote()).toBe(graphOf("one", "two"));
  expect((await place.start(["health"]).ended).code).toBe(0);
  watch.signal("SIGHUP"); // not a stop
  place.setLocal(graphOf("one", "two", "three"));
  await watch.waitForEvent("push.stored", 2);
  place.setLocal(graphOf("one", "two", "three", "last"));
  watch.signal("SIGTERM");
  expect(await watch.ended).toEqual({ code: 0, signal: null });
  expect(place.remote()).toBe(graphOf("one", "two", "three", "last"));
  expect(watch.logs().at(-1)?.msg).toMatch(/^the watch was ended by SIGTERM; all its data is in file:/);
});

test("watch: a last save that cannot be pushed ends with 75", async () => {
  const place = createStoryPlace(bin);
  const watch = place.start(["watch"], { ...AT_ONCE, KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" });
  await watch.waitForEvent("watch.started");
  place.setLocal('{"half');
  watch.signal("SIGTERM");
  expect(await watch.ended).toEqual({ code: 75, signal: null });
});

test("watch: an app that is stopped at the same time has the quiet time for its last save", async () => {
  const place = createStoryPlace(bin);
  const watch = place.start(["watch"], { KGSYNC_QUIESCE: "3s" });
  await watch.waitForEvent("watch.started");
  watch.signal("SIGTERM");
  await watch.waitForEvent("stop.plan");
  place.setLocal(graphOf("last"));
  expect(await watch.ended).toEqual({ code: 0, signal: null });
  expect(place.remote()).toBe(graphOf("last"));
});

test("watch: what another writer added is merged in the bucket, and not written under an app that may still run", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("one"));
  const watch = place.start(["watch"], AT_ONCE);
  await watch.waitForEvent("watch.started");
  place.setRemote(graphOf("one", "theirs"));
  place.setLocal(graphOf("one", "mine"));
  await watch.waitForEvent("push.stored");
  expect(Object.keys(JSON.parse(place.remote() ?? "").services).sort()).toEqual(["mine", "one", "theirs"]);
  watch.signal("SIGTERM");
  expect((await watch.ended).code).toBe(0);
  expect(place.local()).toBe(graphOf("one", "mine"));
});

test("watch: killed and started again beside a living app, which then saves without what others have added", async () => {
  const place = createStoryPlace(bin);
  const first = place.start(["watch"], AT_ONCE);
  await first.waitForEvent("watch.started");
  place.setLocal(graphOf("one"));
  await first.waitForEvent("push.stored");
  await first.killAll();
  place.setRemote(graphOf("one", "theirs"));
  const second = place.start(["watch"], AT_ONCE);
  await second.waitForEvent("watch.started");
  expect(place.local()).toBe(graphOf("one", "theirs"));
  place.setLocal(graphOf("one", "mine"));
  await second.waitForEvent("push.stored");
  expect(Object.keys(JSON.parse(place.remote() ?? "").services).sort()).toEqual(["mine", "one", "theirs"]);
  second.signal("SIGINT");
  expect((await second.ended).code).toBe(0);
});

test.for([
  ["KGSYNC_LEASE", "on"],
  ["KGSYNC_ON_REMOTE_CHANGE", "restart"],
] as const)("watch: %s=%s is refused, since it needs an app that can be stopped", async ([name, value]) => {
  const place = createStoryPlace(bin);
  const watch = place.start(["watch"], { [name]: value });
  expect((await watch.ended).code).toBe(78);
  expect(watch.logs().at(-1)?.msg).toContain(name);
});
