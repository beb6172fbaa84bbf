import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

test("a second wrapper on the same folder stands by, and takes over when the first has ended", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("one") });
  await first.waitForEvent("push.stored");
  const second = place.run();
  expect(await second.waitForEvent("own.waiting")).toMatchObject({ level: "warn", holder: expect.any(String) });
  first.say(JSON.stringify({ save: graphOf("one", "two") }));
  await first.waitForLine(/did save/);
  expect(place.marks()).toEqual(["started"]);
  first.signal("SIGTERM");
  expect((await first.ended).code).toBe(143);
  await second.waitForLine(/app: ready/);
  expect([place.local(), place.remote()]).toEqual([graphOf("one", "two"), graphOf("one", "two")]);
  expect(place.marks()).toEqual(["started", "started"]);
  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(143);
});

test("a second wrapper takes over at once from one that was killed", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("one") });
  await first.waitForEvent("push.stored");
  const second = place.run();
  await second.waitForEvent("own.waiting");
  await first.killAll();
  await second.waitForLine(/app: ready/);
  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(143);
});

test("a TERM ends the one that stands by, with 143, and the first goes on", async () => {
  const place = createStoryPlace(bin);
  const first = place.run({ save: graphOf("one") });
  await first.waitForEvent("push.stored");
  const second = place.run();
  await second.waitForEvent("own.waiting");
  second.signal("SIGTERM");
  expect(await second.ended).toEqual({ code: 143, signal: null });
  first.say(JSON.stringify({ save: graphOf("one", "two") }));
  await first.waitForEvent("push.stored", 2);
  expect(place.status()).toMatchObject({ phase: "running" });
  first.signal("SIGTERM");
  expect((await first.ended).code).toBe(143);
  expect(place.marks()).toEqual(["started"]);
});

test.for([["run"], ["pull"], ["push"]])(
  "KGSYNC_ON_LOCAL_BUSY=fail: `%s` ends with 75 and changes nothing",
  async ([command]) => {
    const place = createStoryPlace(bin);
    const first = place.run({ save: graphOf("one") });
    await first.waitForEvent("push.stored");
    const fail = { KGSYNC_ON_LOCAL_BUSY: "fail" };
    const second = command === "run" ? place.run({}, fail) : place.start([command ?? ""], fail);
    expect(await second.ended).toEqual({ code: 75, signal: null });
    expect(second.logs().at(-1)).toMatchObject({
      level: "error",
      hint: expect.stringContaining("KGSYNC_ON_LOCAL_BUSY"),
    });
    expect(place.marks()).toEqual(["started"]);
    expect(place.status()).toMatchObject({ phase: "running" });
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(143);
  },
);
