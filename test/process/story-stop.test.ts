import { expect, test } from "vitest";
import { planStop } from "../../src/core/stop-plan.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();

// Side by side: together they take as long as the longest grace.
test.concurrent.for([2, 5, 10, 30])(
  "an app that ignores TERM is killed in time, and its last save uploaded, within a grace of %i s",
  { timeout: 120_000 },
  async (grace, { onTestFinished }) => {
    const place = createStoryPlace(bin, onTestFinished);
    const run = place.run({ onTerm: { ignore: true }, save: graphOf("first") }, { KGSYNC_GRACE: `${grace}s` });
    await run.waitForEvent("push.stored");
    run.signal("SIGTERM");
    const plan = await run.waitForEvent("stop.plan");
    const { killAt, exitAt } = planStop(grace * 1000, 0);
    expect(plan).toMatchObject({ graceMs: grace * 1000, exitAfterMs: exitAt });
    expect(plan["killAfterMs"]).toBeLessThanOrEqual(killAt);
    expect(exitAt).toBeLessThan(grace * 1000);
    await run.waitForLine(/app: got TERM/);
    run.say(JSON.stringify({ save: graphOf("first", "after TERM") }));
    await run.waitForEvent("child.killed");
    expect(await run.ended).toEqual({ code: 137, signal: null });
    expect(place.remote()).toBe(graphOf("first", "after TERM"));
    const end = await run.waitForEvent("end");
    expect(end).toMatchObject({ code: 137, data: "safe" });
    // its own account of the time: what the platform counts, short of the exit itself
    expect(Date.parse(String(end["time"])) - Date.parse(String(plan["time"]))).toBeLessThan(grace * 1000);
  },
);

test("an app that saves last and slowly on TERM is waited for", async () => {
  const place = createStoryPlace(bin);
  const onTerm = { lag: 1500, save: graphOf("first", "last words"), exit: 0 };
  const run = place.run({ onTerm, save: graphOf("first") });
  await run.waitForEvent("push.stored");
  run.signal("SIGTERM");
  await run.waitForLine(/app: got TERM/);
  run.signal("SIGTERM"); // engines repeat it: passed on, and nothing is cut short
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(place.marks()).toEqual(["started", "term", "term"]);
  expect(place.remote()).toBe(graphOf("first", "last words"));
  expect(run.logs().filter(({ event }) => event === "stop.plan")).toHaveLength(1);
});

/** How the app ends by itself, and the code that comes of it. */
const ENDS = [
  [{ exit: 0 }, 0],
  [{ exit: 1 }, 1],
  [{ exit: 143 }, 143],
  [{ exit: 255 }, 255],
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGABRT", "SIGKILL", "SIGSEGV", "SIGTERM"] as const).map(
    (signal) =>
      [
        { die: signal },
        128 + { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }[signal],
      ] as const,
  ),
] as const;

test.for(ENDS)("the app ends by %j: its last save goes up, and the code is %i", async ([how, code]) => {
  const place = createStoryPlace(bin);
  const quiet = { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" };
  const run = place.run({}, quiet);
  await run.waitForLine(/app: ready/);
  run.say(JSON.stringify({ save: graphOf("unsent"), ...how }));
  expect(await run.ended).toEqual({ code, signal: null });
  expect(place.remote()).toBe(graphOf("unsent"));
  expect(run.logs().find(({ event }) => event === "end")).toMatchObject({ code, data: "safe" });
  expect(place.terminationLog()).toMatch(new RegExp(`\\(exit ${code}, data=safe\\)`));
});

test.for([
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGQUIT", 131],
] as const)("stopped by %s, the app dies of it: its last save goes up, and the code is %i", async ([signal, code]) => {
  const place = createStoryPlace(bin);
  const run = place.run({}, { KGSYNC_WATCH: "off", KGSYNC_INTERVAL: "0" });
  await run.waitForLine(/app: ready/);
  run.say(JSON.stringify({ save: graphOf("unsent") }));
  await run.waitForLine(/did save/);
  run.signal(signal);
  expect(await run.ended).toEqual({ code, signal: null });
  expect(place.remote()).toBe(graphOf("unsent"));
});
