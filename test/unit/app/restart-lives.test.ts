import { expect, test } from "vitest";
import { createAppWorld, type ProcessOptions, REMOTE } from "../../support/app-world.ts";
import { graphText, namesIn } from "../../support/app-world-graph.ts";
import { type AppScript, beginLife, type SessionOptions } from "../../support/app-world-session.ts";

const TERM = 15;
const HUP = 1;
const EVERY = 60_000;
const A = graphText(["a"]);

const obedient: AppScript = { onSignal: (signal, app) => signal === TERM && app.exit(0) };

/** A wrapper that pulls A and starts the app; each start notes what it finds. */
const begin = async (script: AppScript, options: SessionOptions = {}, boot: ProcessOptions = {}) => {
  const world = createAppWorld();
  await world.upload(REMOTE, A);
  const process = world.boot(boot);
  const found: (readonly string[] | undefined)[] = [];
  const life = beginLife(
    world,
    process,
    {
      ...script,
      onStart: (app) => {
        found.push(namesIn(world.local()));
        script.onStart?.(app);
      },
    },
    { onRemoteChange: { kind: "restart", everyMs: EVERY }, ...options },
  );
  await world.clock.advance(0);
  const doings = (): readonly string[] => life.lines.map((line) => line.slice(line.indexOf(" ") + 1));
  const spawns = (): number => doings().filter((line) => line === "spawn").length;
  return { world, process, found, doings, spawns, ...life };
};

test("somebody writes the bucket's graph: the app is stopped, its work is merged, and it starts anew on the whole", async () => {
  const { world, found, doings, lines, signal, ending } = await begin({
    onSignal: (_, app) =>
      app.after(1_000, () => {
        app.save(graphText(["a", "mine"]));
        app.exit(3);
      }),
  });
  await world.clock.advance(10_000);
  await world.upload(REMOTE, graphText(["a", "theirs"]));
  await world.clock.advance(EVERY);
  expect(doings().slice(3)).toEqual([
    "app gets 15",
    "push",
    "pushed safe",
    "push final",
    "pushed safe",
    "spawn",
    "push",
    "pushed safe",
  ]);
  expect(found).toEqual([["a"], ["a", "mine", "theirs"]]);
  expect(namesIn(world.remote())).toEqual(["a", "mine", "theirs"]);
  signal(TERM);
  await world.clock.advance(10_000);
  expect(ending()).toMatchObject({ code: 3 });
  expect(lines.filter((line) => line.includes("exit"))).toHaveLength(1);
});

test("our own puts, the same by meaning, and an invalid graph are no ground to stop the app", async () => {
  const { world, process, app, spawns } = await begin(obedient);
  for (const name of ["b", "c", "d"]) {
    app.save(graphText(["a", name]));
    await world.clock.advance(EVERY);
  }
  const touched = (world.remote() ?? "").replace(/"last_updated":"[^"]*"/, '"last_updated":"2031-01-01T00:00:00Z"');
  await world.upload(REMOTE, touched);
  await world.clock.advance(3 * EVERY);
  await world.upload(REMOTE, '{"half":');
  await world.clock.advance(3 * EVERY);
  expect(spawns()).toBe(1);
  expect(process.events().filter((event) => event === "remote.invalid")).toHaveLength(1);
});

test("a save of ours was merged with what somebody wrote: the app still has to start anew to see it", async () => {
  const { world, app, found } = await begin(obedient);
  await world.clock.advance(10_000);
  await world.upload(REMOTE, graphText(["a", "theirs"]));
  app.save(graphText(["a", "mine"]));
  await world.clock.advance(10_000);
  expect(namesIn(world.remote())).toEqual(["a", "mine", "theirs"]);
  expect(namesIn(world.local())).toEqual(["a", "mine"]);
  await world.clock.advance(EVERY);
  expect(found).toEqual([["a"], ["a", "mine", "theirs"]]);
  await world.clock.advance(5 * EVERY);
  expect(found).toHaveLength(2);
});

test("idle, one HEAD of the graph per interval and nothing else", async () => {
  const { world, process } = await begin(obedient);
  await world.clock.advance(1_000);
  const before = process.requests.length;
  await world.clock.advance(5 * EVERY);
  expect(process.requests.slice(before)).toEqual(Array(5).fill(`head ${REMOTE}`));
});

test("an app that does not stop is killed by its clock; the program goes on, and its exit has none", async () => {
  const { world, doings, spawns, ending } = await begin({}, { graceMs: 10_000 });
  await world.upload(REMOTE, graphText(["a", "theirs"]));
  await world.clock.advance(EVERY + 20_000);
  expect(doings().slice(3, 9)).toEqual([
    "app gets 15",
    "push",
    "pushed safe",
    "app gets 9",
    "push final",
    "pushed safe",
  ]);
  expect(spawns()).toBe(2);
  expect(ending()).toBeUndefined();
});

test("a stop in a restart ends it as any stop: the app is not started again", async () => {
  const { world, spawns, signal, ending } = await begin({
    onSignal: (_, app) => app.after(2_000, () => app.exit(0)),
  });
  await world.upload(REMOTE, graphText(["a", "theirs"]));
  await world.clock.advance(EVERY + 1_000);
  signal(TERM);
  await world.clock.advance(10_000);
  expect(ending()).toMatchObject({ code: 0, data: "safe" });
  expect(spawns()).toBe(1);
});

test("the last save before a restart is torn: it is kept aside, and the app starts on the bucket's", async () => {
  const { world, process, found, ending } = await begin({
    onSignal: (_, app) => {
      app.save('{"half":');
      app.exit(0);
    },
  });
  await world.upload(REMOTE, graphText(["a", "theirs"]));
  await world.clock.advance(EVERY + 10_000);
  expect(ending()).toBeUndefined();
  expect(found).toEqual([["a"], ["a", "theirs"]]);
  expect(process.events()).toContain("quarantine.kept");
});

test("`signal`: the file is replaced under the app, which is then told so, once", async () => {
  const told: (readonly string[] | undefined)[] = [];
  const world = createAppWorld();
  await world.upload(REMOTE, A);
  const life = beginLife(
    world,
    world.boot(),
    { onSignal: (signal) => signal === HUP && told.push(namesIn(world.local())) },
    { onRemoteChange: { kind: "signal", signal: HUP, everyMs: EVERY } },
  );
  await world.clock.advance(10_000);
  life.app.save(graphText(["a", "mine"]));
  await world.clock.advance(10_000);
  await world.upload(REMOTE, graphText(["a", "mine", "theirs"]));
  await world.clock.advance(5 * EVERY);
  expect(told).toEqual([["a", "mine", "theirs"]]);
  expect(life.lines.filter((line) => line.endsWith("app gets 1"))).toHaveLength(1);
});
