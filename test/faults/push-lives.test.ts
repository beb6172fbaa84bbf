import { describe, expect, test } from "vitest";
import { planStop } from "../../src/core/stop-plan.ts";
import { createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";
import { type AppScript, beginLife, type SessionOptions } from "../support/app-world-session.ts";
import type { Fault } from "../support/faulty-object-store.ts";

const TERM = 15;
const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "b", "c"]);

/** A wrapper that pulls A and starts the app. */
const begin = async (script: AppScript, options: SessionOptions = {}, store: ProcessOptions = {}) => {
  const world = createAppWorld();
  await world.upload(REMOTE, A);
  const process = world.boot(store);
  const life = beginLife(world, process, script, options);
  await world.clock.advance(0);
  return { world, process, ...life };
};

const obedient: AppScript = { onSignal: (signal, app) => signal === TERM && app.exit(0) };
const never = new Promise<void>(() => undefined);
const stall = (on: Fault["on"], key = REMOTE, until = never): Fault => ({ on, key, kind: "stall", until });

/** A bucket that never answers a put of the graph. */
const silent: NonNullable<ProcessOptions["store"]> = (store) => ({
  ...store,
  put: (key, body, mode, options, signal) =>
    key !== REMOTE
      ? store.put(key, body, mode, options, signal)
      : new Promise((resolve) => {
          signal.addEventListener("abort", () => resolve({ outcome: "unknown", cause: signal.reason }));
        }),
});

/** A bucket that loses every put of the graph at once, as long as `down` says so. */
const losing =
  (down: () => boolean): NonNullable<ProcessOptions["store"]> =>
  (store) => ({
    ...store,
    put: async (key, body, mode, options, signal) =>
      key === REMOTE && down()
        ? { outcome: "unknown", cause: new Error("scripted: no answer") }
        : store.put(key, body, mode, options, signal),
  });

test("a plain life: pull, spawn, a save goes up after the debounce, the app ends, the last look, its code", async () => {
  const { world, lines, app, ending } = await begin({});
  await world.clock.advance(10_000);
  app.save(B);
  await world.clock.advance(10_000);
  expect(world.remote()).toBe(B);
  app.exit(3);
  await world.clock.advance(1_000);
  expect(lines).toEqual([
    "0 spawn",
    "500 push",
    "500 pushed safe",
    "10500 push",
    "10500 pushed safe",
    "20000 push final",
    "20000 pushed safe",
    "20000 exit 3 safe",
  ]);
  expect(ending()).toMatchObject({ code: 3, data: "safe" });
});

test("docker stop: the signal goes on at once, the save on stop goes up, all within a moment", async () => {
  const { world, lines, signal } = await begin({
    onSignal: (_, app) =>
      app.after(1_000, () => {
        app.save(C);
        app.exit(0);
      }),
  });
  await world.clock.advance(5_000);
  signal(TERM);
  await world.clock.advance(5_000);
  expect(world.remote()).toBe(C);
  expect(lines.slice(3)).toEqual([
    "5000 signal 15",
    "5000 app gets 15",
    "5000 push",
    "5000 pushed safe",
    "6000 push final",
    "6000 pushed safe",
    "6000 exit 0 safe",
  ]);
});

test("a repeated stop is forwarded again and changes nothing else", async () => {
  const { world, lines, signal } = await begin({});
  await world.clock.advance(5_000);
  signal(TERM);
  await world.clock.advance(3_000);
  signal(TERM);
  await world.clock.advance(10_000);
  const { killAt } = planStop(10_000, 0);
  expect(lines).toContain("8000 app gets 15");
  expect(lines).toContain(`${5_000 + killAt} app gets 9`);
});

test("a stop during the pull: the app is never started, out at once with 128 + n", async () => {
  const { world, lines, signal } = await begin({}, {}, { faults: [stall("get")] });
  await world.clock.advance(2_000);
  signal(TERM);
  await world.clock.advance(0);
  expect(lines).toEqual(["2000 signal 15", "2000 exit 143 untouched"]);
});

test("and what the pull was waiting for is let go", async () => {
  let seen: AbortSignal | undefined;
  const { signal } = await begin(
    {},
    {},
    {
      store: (store) => ({
        ...store,
        get: (_, aborted) => {
          seen = aborted;
          return new Promise(() => undefined);
        },
      }),
    },
  );
  expect(seen?.aborted).toBe(false);
  signal(TERM);
  expect(seen?.aborted).toBe(true);
});

test("a start that must not be: the error's code, no app", async () => {
  const world = createAppWorld();
  await world.upload(REMOTE, "[]");
  const { lines, facts } = beginLife(world, world.boot(), {});
  await world.clock.advance(0);
  expect(lines).toEqual(["0 exit 65 untouched"]);
  expect(facts.failure()?.code).toBe("graph-invalid");
});

describe.each([2_000, 5_000, 10_000, 30_000])("grace %i ms", (graceMs) => {
  const { killAt, exitAt } = planStop(graceMs, 0);
  const stopAt = 5_000;

  test("an app that ignores TERM is killed in time, its last save goes up, and all is over before the end", async () => {
    const last = graphText(["a", "last"]);
    const { world, lines, signal, elapsed, life } = await begin(
      { onSignal: (_, app) => app.after(killAt - 10, () => app.save(last)) },
      { graceMs },
    );
    await world.clock.advance(stopAt);
    signal(TERM);
    await world.clock.advance(killAt);
    await life;
    expect(elapsed()).toBeLessThan(stopAt + exitAt);
    expect(world.remote()).toBe(last);
    expect(lines.at(-1)).toBe(`${Math.round(stopAt + killAt)} exit 137 safe`);
  });

  test("a bucket that never answers: out before the grace ends, 75, and the file is kept", async () => {
    const dead = await begin(obedient, { graceMs }, { store: silent });
    await dead.world.clock.advance(stopAt);
    dead.app.save(B);
    dead.signal(TERM);
    await dead.world.clock.advance(exitAt);
    expect(dead.lines.at(-1)).toMatch(/ exit 75 unsafe$/);
    expect(dead.elapsed()).toBeLessThanOrEqual(stopAt + exitAt);
    expect(dead.world.local()).toBe(B);
    expect(dead.world.remote()).toBe(A);
    // And the next start recovers it.
    await dead.world.boot().start();
    expect(dead.world.remote()).toBe(B);
  });
});

test("a put that hangs when the stop comes is cut to a third, looked after, and the last save still goes up", async () => {
  const { world, process, lines, app, signal } = await begin({
    onSignal: (_, it) =>
      it.after(500, () => {
        it.save(C);
        it.exit(0);
      }),
  });
  await world.clock.advance(5_000);
  process.play(stall("put"));
  app.save(B);
  await world.clock.advance(2_000);
  signal(TERM);
  await world.clock.advance(9_500);
  process.expectAllPlayed();
  expect(world.remote()).toBe(C);
  expect(lines.at(-1)).toMatch(/ exit 0 safe$/);
});

test("the final put may take a third of what is left, so that a hanging one leaves time for another", async () => {
  const { world, process, lines, signal } = await begin({
    onSignal: (_, it) =>
      it.after(1_000, () => {
        it.save(C);
        it.exit(0);
      }),
  });
  await world.clock.advance(5_000);
  signal(TERM);
  await world.clock.advance(500);
  process.play(stall("put"));
  await world.clock.advance(9_000);
  process.expectAllPlayed();
  expect(world.remote()).toBe(C);
  expect(lines.at(-1)).toMatch(/ exit 0 safe$/);
});

test("an upload that took long is given more of the grace", async () => {
  const { world, process, lines, app, signal } = await begin({});
  await world.clock.advance(5_000);
  process.play(stall("put", REMOTE, world.clock.sleep(1_700)));
  app.save(B);
  await world.clock.advance(10_000);
  expect(world.remote()).toBe(B);
  process.expectAllPlayed();
  signal(TERM);
  await world.clock.advance(9_500);
  const { killAt } = planStop(10_000, 1_200); // it began after the debounce
  expect(killAt).toBeLessThan(planStop(10_000, 0).killAt);
  expect(lines).toContain(`${15_000 + killAt} app gets 9`);
});

test("a bucket that answers again within the grace is enough", async () => {
  let up: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    up = resolve;
  });
  const { world, process, lines, app, signal } = await begin(obedient);
  await world.clock.advance(5_000);
  process.play(
    ...Array.from({ length: 2 }, () => stall("put", REMOTE, until)),
    ...Array.from({ length: 1 }, () => stall("head", REMOTE, until)),
  );
  app.save(B);
  signal(TERM);
  await world.clock.advance(6_000);
  up();
  await world.clock.advance(3_500);
  expect(world.remote()).toBe(B);
  expect(lines.at(-1)).toMatch(/ exit 0 safe$/);
});

test("the app ended by itself and the bucket is down: tried for the final timeout, then 75", async () => {
  const rules = { finalTimeout: 60_000 };
  const { world, lines, app } = await begin({}, {}, { rules, store: losing(() => true) });
  await world.clock.advance(5_000);
  app.save(B);
  app.exit(0);
  await world.clock.advance(59_000);
  expect(lines.at(-1)).not.toMatch(/exit/);
  await world.clock.advance(1_000);
  expect(lines.at(-1)).toBe("65000 exit 75 unsafe");
});

test("a stop during that cuts it to the grace", async () => {
  const { world, lines, app, signal } = await begin({}, {}, { store: losing(() => true) });
  await world.clock.advance(5_000);
  app.save(B);
  app.exit(0);
  await world.clock.advance(20_000);
  signal(TERM);
  await world.clock.advance(9_500);
  expect(lines.at(-1)).toBe("34500 exit 75 unsafe");
});

test("an app that failed keeps its own code, also when its data is not safe", async () => {
  const { world, lines, app } = await begin({});
  await world.clock.advance(5_000);
  app.save(B.slice(0, -3));
  app.exit(7);
  await world.clock.advance(1_000);
  expect(lines.at(-1)).toBe("5000 exit 7 unsafe");
  expect(Object.entries(world.objects()).filter(([name]) => name.includes("quarantine"))).toHaveLength(1);
});

test("a torn last save is 75, in quarantine, and the bucket's graph stays", async () => {
  const { world, lines, facts, signal } = await begin({
    onSignal: (_, app) => {
      app.save(B.slice(0, -3));
      app.exit(0);
    },
  });
  await world.clock.advance(5_000);
  signal(TERM);
  await world.clock.advance(9_500);
  expect(lines.at(-1)).toMatch(/ exit 75 unsafe$/);
  expect(facts.lastPush()?.why).toContain("quarantine");
  expect(world.remote()).toBe(A);
});

test("the group that outlives the app is seen gone before the last look", async () => {
  const { world, lines, app } = await begin({ lingersMs: 1_500 });
  await world.clock.advance(5_000);
  app.after(1_000, () => world.save(B)); // an orphan writes behind the app's end
  app.exit(0);
  await world.clock.advance(5_000);
  expect(lines.slice(-3)).toEqual(["6500 push final", "6500 pushed safe", "6500 exit 0 safe"]);
  expect(world.remote()).toBe(B);
});

test("any number of changes while a push is on the wire are one more push", async () => {
  let arrive: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const { world, process, lines, app } = await begin({});
  await world.clock.advance(5_000);
  process.play(stall("put", REMOTE, until));
  app.save(B);
  await world.clock.advance(1_000);
  for (let n = 0; n < 20; n++) {
    app.save(graphText(["a", `n${n}`]));
    await world.clock.advance(600);
  }
  const before = lines.length;
  arrive();
  await world.clock.advance(400);
  expect(lines.slice(before).map((line) => line.replace(/^\d+ /, ""))).toEqual(["pushed safe", "push", "pushed safe"]);
  expect(world.remote()).toBe(graphText(["a", "n19"]));
});

test("the interval finds what the watcher missed", async () => {
  const { world } = await begin({}, { intervalMs: 60_000 });
  await world.clock.advance(5_000);
  world.save(B); // no hint
  await world.clock.advance(50_000);
  expect(world.remote()).toBe(A);
  await world.clock.advance(10_000);
  expect(world.remote()).toBe(B);
});

test("a bucket that was down is tried again by itself, and told once", async () => {
  let down = true;
  const { world, process, app } = await begin(
    {},
    {},
    {
      rules: { finalTimeout: 5_000 },
      store: losing(() => down),
    },
  );
  await world.clock.advance(5_000);
  app.save(B);
  await world.clock.advance(60_000);
  expect(process.events().filter((event) => event === "push.not-durable")).toHaveLength(1);
  down = false;
  await world.clock.advance(30_000);
  expect(world.remote()).toBe(B);
  expect(process.events()).toContain("push.caught-up");
});

test("an idle hour: one look per interval, no request, no read of a file", async () => {
  const { world, process } = await begin({}, { intervalMs: 60_000 });
  await world.clock.advance(60_000);
  process.requests.splice(0);
  const before = { ...world.disk.counts, scan: 0 };
  await world.clock.advance(3_600_000);
  expect(process.requests).toEqual([]);
  expect({ ...world.disk.counts, scan: 0 }).toEqual(before);
});

test("another wrapper took the files: the app is stopped, nothing is written any more, 75", async () => {
  let ours = true;
  const { world, lines, app } = await begin(obedient, { stillOurs: () => ours });
  await world.clock.advance(5_000);
  ours = false;
  const before = world.bucketOf("memory:").writes;
  app.save(B);
  await world.clock.advance(20_000);
  expect(lines).toContain("5500 app gets 15");
  expect(lines.at(-1)).toMatch(/ exit 75 unsafe$/);
  expect(world.bucketOf("memory:").writes).toBe(before);
});

test("what somebody else wrote before the end of a life is merged with the last save, and goes to the disk too", async () => {
  const { world, lines, app, signal } = await begin({}, {}, { faults: [] });
  await world.clock.advance(5_000);
  await world.upload(REMOTE, graphText(["x"]));
  app.save(B);
  await world.clock.advance(5_000);
  signal(TERM);
  await world.clock.advance(10_000);
  expect(lines.at(-1)).toMatch(/ exit 137 safe$/);
  expect(namesIn(world.remote())).toEqual(["b", "x"]);
  expect(world.local()).toBe(world.remote());
});
