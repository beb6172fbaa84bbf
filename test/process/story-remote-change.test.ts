import { expect, test } from "vitest";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const RESTART = { KGSYNC_ON_REMOTE_CHANGE: "restart", KGSYNC_INTERVAL: "200ms" };

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();

/** The app has been started for the second time. */
const startedAgain = (run: RunningKgsync) => run.waitForLine(/app: ready[\s\S]*app: ready/);

test("somebody writes the graph: the app is started anew on both their work, and the container stays", async () => {
  const place = createStoryPlace(bin);
  const last = graphOf("first", "mine", "last");
  place.setRemote(graphOf("first"));
  const run = place.run({ onTerm: { save: last, exit: 3 } }, RESTART);
  await run.waitForLine(/app: ready/);
  run.say(JSON.stringify({ save: graphOf("first", "mine") }));
  await run.waitForEvent("push.stored");
  // As another wrapper would write it, over the version that is there.
  const other = createStoryPlace(bin);
  const second = other.run({}, { KGSYNC_BUCKET: `file://${place.bucket}` });
  await second.waitForLine(/app: ready/);
  second.say(JSON.stringify({ save: graphOf("first", "mine", "theirs") }));
  await second.waitForEvent("push.stored");

  await run.waitForEvent("restart");
  await startedAgain(run);
  expect(place.marks()).toEqual(["started", "term", "started"]);
  expect(services(place.remote())).toEqual(["first", "last", "mine", "theirs"]);
  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(143);

  run.say(JSON.stringify({ exit: 0 }));
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(run.logs().filter(({ event }) => event === "end")).toHaveLength(1);
});

test("the app that is started anew finds the merged graph on its disk, and its saves go up as before", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("first"));
  const run = place.run({}, RESTART);
  await run.waitForLine(/app: ready/);
  place.setRemote(graphOf("first", "theirs"));
  await startedAgain(run);
  expect(services(place.local())).toEqual(["first", "theirs"]);
  expect(place.status()).toMatchObject({ phase: "running" });
  run.say(JSON.stringify({ save: graphOf("first", "theirs", "mine") }));
  await run.waitForEvent("push.stored");
  expect(services(place.remote())).toEqual(["first", "mine", "theirs"]);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(place.marks()).toEqual(["started", "started"]);
});

test("a stop while the app is being stopped for a restart ends all, once, with the app's code", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("first"));
  const run = place.run({ onTerm: { exit: 0, lag: 2000 } }, RESTART);
  await run.waitForLine(/app: ready/);
  place.setRemote(graphOf("first", "theirs"));
  await run.waitForEvent("stop.cycle");
  await run.waitForLine(/app: got TERM/);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(place.marks()[0]).toBe("started");
  expect(place.marks().filter((word) => word === "started")).toHaveLength(1);
});

test("`signal:HUP`: the file is replaced under the app, which is told so and lives on", async () => {
  const place = createStoryPlace(bin);
  place.setRemote(graphOf("first"));
  const run = place.run({ onHup: true }, { ...RESTART, KGSYNC_ON_REMOTE_CHANGE: "signal:HUP" });
  await run.waitForLine(/app: ready/);
  place.setRemote(graphOf("first", "theirs"));
  await run.waitForLine(/app: got HUP/);
  expect(services(place.local())).toEqual(["first", "theirs"]);
  run.say(JSON.stringify({ save: graphOf("first", "theirs", "mine") }));
  await run.waitForEvent("push.stored");
  expect(services(place.remote())).toEqual(["first", "mine", "theirs"]);
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(place.marks()).toEqual(["started"]);
});
