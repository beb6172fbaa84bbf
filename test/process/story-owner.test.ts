import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
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

describe("two wrappers on one graph, whatever their state folders are", () => {
  const ELSEWHERE = { KGSYNC_STATE_DIR: "state/of-its-own" };
  const SIDES = [
    { name: "one state folder elsewhere", one: ELSEWHERE, other: ELSEWHERE },
    { name: "the default one, and one elsewhere", one: {}, other: ELSEWHERE },
    { name: "one elsewhere, and the default one", one: ELSEWHERE, other: {} },
    { name: "two elsewhere", one: ELSEWHERE, other: { KGSYNC_STATE_DIR: "state/another" } },
    { name: "the graph by a link, with the link's default one", one: { KGSYNC_GRAPH: "linked/graph.json" }, other: {} },
  ];

  const createPlace = () => {
    const place = createStoryPlace(bin);
    place.setLocal(graphOf("zero"));
    place.put(join(place.cwd, "linked/other.json"), "{}");
    symlinkSync("../amadeus/knowledge_graph.json", join(place.cwd, "linked/graph.json"));
    return place;
  };

  test.for(SIDES)("$name: the second stands by, and takes over from one that stops", async ({ one, other }) => {
    const place = createPlace();
    const first = place.run({}, one);
    await first.waitForLine(/app: ready/);
    const second = place.run({}, other);
    await second.waitForEvent("own.waiting");
    // An orchestrator stops the first only when the second is well.
    expect(await place.start(["health"], other).ended).toMatchObject({ code: 0 });
    first.say(JSON.stringify({ save: graphOf("zero", "one") }));
    await first.waitForLine(/did save/);
    expect(place.marks()).toEqual(["started"]);
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(143);
    await second.waitForLine(/app: ready/);
    second.say(JSON.stringify({ save: graphOf("zero", "one", "two") }));
    await second.waitForLine(/did save/);
    second.signal("SIGTERM");
    expect((await second.ended).code).toBe(143);
    expect([place.local(), place.remote()]).toEqual(Array(2).fill(graphOf("zero", "one", "two")));
  });

  test.for(SIDES)(
    "$name: it takes over from one that was killed, with the save that no push had seen",
    async (sides) => {
      const place = createPlace();
      const quiet = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };
      const first = place.run({}, { ...sides.one, ...quiet });
      await first.waitForLine(/app: ready/);
      const second = place.run({}, { ...sides.other, ...quiet });
      await second.waitForEvent("own.waiting");
      first.say(JSON.stringify({ save: graphOf("zero", "one") }));
      await first.waitForLine(/did save/);
      await first.killAll();
      await second.waitForLine(/app: ready/);
      expect(place.remote()).toContain('"one"');
      expect(place.local()).toContain('"one"');
      second.signal("SIGTERM");
      expect((await second.ended).code).toBe(143);
    },
  );

  test("a command with another state folder fails where it is told to, and changes nothing", async () => {
    const place = createPlace();
    const first = place.run({}, ELSEWHERE);
    await first.waitForLine(/app: ready/);
    const second = place.start(["push"], { KGSYNC_STATE_DIR: "state/another", KGSYNC_ON_LOCAL_BUSY: "fail" });
    expect((await second.ended).code).toBe(75);
    expect(second.logs().at(-1)?.msg).toContain("amadeus/.kgsync is owned by another kgsync");
    expect(existsSync(join(place.cwd, "state/another"))).toBe(false);
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(143);
  });

  test("one that was stopped while it stood by for the second lock holds neither", async () => {
    const place = createPlace();
    // A graph of its own, but the state folder of the first: only the second lock is busy.
    const first = place.run({}, ELSEWHERE);
    await first.waitForLine(/app: ready/);
    place.put(join(place.cwd, "other/g.json"), graphOf("zero"));
    const other = { KGSYNC_GRAPH: "other/g.json", GRAPH: "other/g.json" };
    const second = place.run({}, { ...other, ...ELSEWHERE });
    expect(await second.waitForEvent("own.waiting")).toMatchObject({ state: expect.stringContaining("of-its-own") });
    second.signal("SIGTERM");
    expect((await second.ended).code).toBe(143);
    const third = place.start(["push"], { ...other, KGSYNC_ON_LOCAL_BUSY: "fail" });
    expect((await third.ended).code).toBe(0);
    first.signal("SIGTERM");
    expect((await first.ended).code).toBe(143);
  });

  test("without another state folder there is one lock, and no word about it", async () => {
    const place = createPlace();
    const only = place.run({}, { KGSYNC_STATE_DIR: "amadeus/./.kgsync" });
    await only.waitForLine(/app: ready/);
    expect(only.logs().filter(({ event }) => event.startsWith("own."))).toEqual([]);
    only.signal("SIGTERM");
    expect((await only.ended).code).toBe(143);
  });
});

test("a push beside one that runs waits, and says what need not be waited for", async () => {
  const place = createStoryPlace(bin);
  place.setLocal(graphOf("one"));
  const running = place.run();
  await running.waitForLine(/app: ready/);
  const push = place.start(["push"]);
  const { hint } = await push.waitForEvent("own.waiting");
  expect(hint).toMatch(/`kgsync sync` .*--on-local-busy=fail/);
  expect((await place.start(["sync"]).ended).code).toBe(0);
  expect((await place.start(["push", "--on-local-busy=fail"]).ended).code).toBe(75);
  push.signal("SIGTERM");
  expect((await push.ended).code).not.toBe(0);
});
