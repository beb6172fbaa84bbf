import { describe, expect, test } from "vitest";
import type { Rules } from "../../src/app/io.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { type AppProcess, type AppWorld, createAppWorld, REMOTE } from "../support/app-world.ts";
import type { Crash } from "../support/app-world-gate.ts";
import { graphText, manyNames, namesIn } from "../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "c"]);
const TORN = A.slice(0, -3);
const BIG = graphText(manyNames(40));
const HALF = graphText(manyNames(15));

type Scenario = {
  /** What was there before: an earlier life that ended well, and what happened since. */
  readonly before: (world: AppWorld) => Promise<void>;
  /** The life that dies. */
  readonly life: (process: AppProcess, world: AppWorld) => Promise<void>;
  readonly rules?: Partial<Rules>;
  /** Where both sides come to in any case, as long as the disk is kept. */
  readonly ends?: string;
};

const firstLife = async (world: AppWorld, ...saves: readonly string[]): Promise<void> => {
  const process = world.boot();
  await process.start();
  for (const text of saves) {
    world.save(text);
    await process.push();
  }
  expect(await process.finish()).toMatchObject({ data: "safe" });
};

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "first boot, save, push": {
    before: async () => undefined,
    life: async (process, world) => {
      await process.start();
      world.save(A);
      await process.push();
      world.save(B);
      await process.finish();
    },
  },
  "pull of a moved bucket": {
    before: async (world) => {
      await firstLife(world, A);
      await world.upload(REMOTE, B);
    },
    life: async (process) => {
      await process.start();
      await process.finish();
    },
    ends: B,
  },
  "push of a change": {
    before: (world) => firstLife(world, A),
    life: async (process, world) => {
      await process.start();
      world.save(B);
      await process.push();
    },
  },
  "a change taken back": {
    before: (world) => firstLife(world, A, B),
    life: async (process, world) => {
      await process.start();
      world.save(A);
      await process.push();
      world.save(B);
      await process.push();
    },
  },
  "a change and backups on both sides": {
    before: async (world) => {
      await firstLife(world, A);
      await world.upload("backups/theirs.json", "theirs");
      await world.upload("backups/same-name.json", "their content");
      world.addBackup("same-name.json", "our content");
      world.addBackup("ours.json", "ours");
    },
    life: async (process, world) => {
      await process.start();
      world.addBackup("later.json", "later");
      world.save(B);
      await process.finish();
    },
  },
  "push at start": {
    before: async (world) => {
      await firstLife(world, A);
      world.save(B);
    },
    life: async (process) => {
      await process.start();
      await process.finish();
    },
    ends: B,
  },
  "both sides changed, seen at start": {
    before: async (world) => {
      await firstLife(world, A);
      world.save(B);
      await world.upload(REMOTE, C);
    },
    life: async (process) => {
      await process.start();
      await process.finish();
    },
    ends: graphText(["a", "b", "c"]),
  },
  "both sides changed the same": {
    before: async (world) => {
      await firstLife(world, graphText({ a: "old" }));
      world.save(graphText({ a: "ours" }));
      await world.upload(REMOTE, graphText({ a: "theirs", c: "c" }));
    },
    life: async (process, world) => {
      await process.start();
      world.save(graphText({ a: "mine", c: "c" }));
      await world.upload(REMOTE, graphText({ a: "yours", c: "c", d: "d" }));
      await process.finish();
    },
  },
  "both sides changed, seen at a push": {
    before: (world) => firstLife(world, A),
    life: async (process, world) => {
      await process.start();
      await world.upload(REMOTE, C);
      world.save(B);
      await process.push();
      world.save(graphText(["a", "b", "b2"]));
      await process.finish();
    },
  },
  "the bucket's graph deleted": {
    before: async (world) => {
      await firstLife(world, A);
      world.erase(REMOTE);
    },
    life: async (process, world) => {
      await process.start();
      world.save(B);
      world.erase(REMOTE);
      await process.finish();
    },
  },
  "an invalid graph in the bucket replaced": {
    before: async (world) => {
      await firstLife(world, A, B);
      await world.upload(REMOTE, TORN);
      world.disk.app.remove("/data/graph.json");
    },
    life: async (process) => {
      await process.start();
      await process.finish();
    },
    rules: { onInvalidRemote: "fallback" },
    ends: A,
  },
  "torn on disk": {
    before: async (world) => {
      await firstLife(world, A);
      world.save(TORN);
    },
    life: async (process, world) => {
      await process.start();
      world.save(TORN);
      await process.finish();
    },
    ends: A,
  },
  "the guard: alarm, then latch": {
    before: (world) => firstLife(world, BIG),
    life: async (process, world) => {
      await process.start();
      world.save(HALF);
      await process.push();
      world.save(A);
      await process.push();
      world.save(graphText(manyNames(30, "new")));
      await process.finish();
    },
  },
  "another bucket": {
    before: async (world) => {
      const old = world.boot({ bucket: "old:" });
      await old.start();
      world.save(A);
      await old.finish();
    },
    life: async (process, world) => {
      await process.start();
      world.save(B);
      await process.finish();
    },
  },
};

/** Watches one world: what is acknowledged, and what must hold at every moment. */
const createOracle = (world: AppWorld, invalidAllowed: string | undefined) => {
  /** Every fact that the bucket ever held, in whatever version. */
  const facts = new Set<string>();
  /** Pushed, and not replaced since. */
  const newest = new Set<string>();
  /** Replaced by a later save of the same app, which had them: kept as versions. */
  const history = new Set<string>();
  /** Replaced or deleted by a person, with another tool. */
  const dropped = new Set<string>();
  const removed: string[] = [];
  /** The same by a process: an app's own removals. */
  const undone: string[] = [];
  const texts = new Map<string, string>();
  const broken: string[] = [];
  const meaning = (text: string): string => JSON.stringify(namesIn(text) ?? text);
  const know = (text: string): void => void texts.set(world.digest(text), text);
  world.watchers.put = (name, text, replaced, by) => {
    if (name !== REMOTE) return;
    newest.clear();
    if (replaced !== undefined) (by === "process" ? history : dropped).add(meaning(replaced));
    if (replaced !== undefined) (by === "person" ? removed : undone).push(replaced);
    if (text === undefined) return;
    know(text);
    newest.add(meaning(text));
    for (const fact of namesIn(text) ?? []) facts.add(fact);
    if (namesIn(text) === undefined && text !== invalidAllowed) broken.push(`the bucket's graph is invalid: ${text}`);
  };
  world.watchers.file = (path, text) => {
    if (path.endsWith("graph.json")) know(text);
    if (!path.endsWith("state.json")) return;
    const { base, store } = world.state();
    if (base.kind !== "content" || store !== "memory:") return;
    const local = world.local();
    if (local !== undefined) know(local);
    const named = texts.get(base.sha256);
    const lacks = named === undefined || namesIn(named)?.some((fact) => !facts.has(fact));
    if (lacks !== false) broken.push(`base names ${named}, which the bucket lacks`);
  };
  return { newest, history, dropped, removed, undone, meaning, broken };
};

type After = "the disk kept" | "the state folder lost" | "the disk lost";

/** Every text that a person could still find. */
const findable = async (world: AppWorld): Promise<readonly string[]> => {
  const files = [world.local() ?? "", ...Object.values(await world.aside()), ...Object.values(await world.backups())];
  const objects = [world.objects(), world.objects("old:")].flatMap((all) => Object.values(all));
  return [...objects, ...files];
};

/** Whole somewhere, or merged: each of its facts is in what a start would come to, or a person has taken it out. */
const createFound = async (world: AppWorld, oracle: ReturnType<typeof createOracle>, late: boolean) => {
  const whole = new Set((await findable(world)).map(oracle.meaning));
  // What a late put takes out the app had taken out; who knows nothing of that put sees somebody else's removal.
  const removed = [...oracle.removed, ...(late ? oracle.undone : [])];
  const facts = new Set([world.local(), world.remote(), ...removed].flatMap((text) => namesIn(text) ?? []));
  return (meaning: string): boolean =>
    whole.has(meaning) || factsOf(meaning)?.every((fact) => facts.has(fact)) === true;
};

const factsOf = (meaning: string): readonly string[] | undefined => {
  const facts: unknown = meaning.startsWith("[") ? JSON.parse(meaning) : undefined;
  return Array.isArray(facts) ? facts.map((fact) => JSON.stringify(fact).slice(1, -1)) : undefined;
};

/** One life that dies at the given step, and the next one. Answers how many steps the first one got to. */
const play = async (
  { before, life, rules = {}, ends }: Scenario,
  crash: Crash | undefined,
  after: After,
): Promise<number> => {
  const world = createAppWorld();
  const invalid = rules.onInvalidRemote === "fallback" ? TORN : undefined;
  const oracle = createOracle(world, invalid);
  await before(world);
  const process = world.boot({ rules, ...(crash === undefined ? {} : { crash }) });
  await process.live(() => life(process, world));

  const atDeath = world.local();
  const backups = Object.values(await world.backups());
  expect(atDeath === undefined || namesIn(atDeath) !== undefined || atDeath === TORN, "whole or absent").toBe(true);
  const kept = after === "the disk lost" ? [] : [...(atDeath === undefined ? [] : [atDeath]), ...backups];
  const acknowledged = new Set([...oracle.newest, ...kept.map(oracle.meaning)]);
  for (const text of oracle.dropped) acknowledged.delete(text);
  const history = [...oracle.history];
  if (after === "the state folder lost") await world.forget();
  if (after === "the disk lost") await world.wipe();

  const next = world.boot({ rules });
  await next.start();
  // Without its books the next wrapper cannot know a late put for its own: it is somebody else's, and ours is kept beside it.
  const stranger = crash?.how === "late" && after !== "the disk kept";
  const ended = await next.finish();
  if (!stranger) expect(ended, "the next life ends safe").toMatchObject({ data: "safe" });
  const local = world.local();
  if (local !== undefined && !stranger) {
    const { base, dirty, intent } = world.state();
    expect({ base, dirty, intent }).toEqual({
      base: { kind: "content", sha256: world.digest(local) },
      dirty: false,
      intent: undefined,
    });
    expect(oracle.meaning(world.remote() ?? ""), "both sides are equal").toBe(oracle.meaning(local));
  }
  if (ends !== undefined && after === "the disk kept") expect(oracle.meaning(local ?? "")).toBe(oracle.meaning(ends));
  // And it goes on: the app's next save arrives.
  const more = graphText([...(namesIn(local) ?? []), "one-more"]);
  world.save(more);
  const last = await next.finish();
  if (!stranger) expect(last).toMatchObject({ data: "safe" });
  if (!stranger) expect(world.remote()).toBe(more);
  expect(oracle.broken).toEqual([]);
  const isFound = await createFound(world, oracle, stranger);
  const lost = [...acknowledged, oracle.meaning(more)].filter((text) => !isFound(text));
  expect(lost, "lost").toEqual([]);
  // A crash between the graph's put and that of the version it replaced leaves one gap in the history.
  const gaps = history.filter((text) => !isFound(text));
  expect(gaps.length, `versions missing: ${gaps}`).toBeLessThanOrEqual(crash === undefined ? 0 : 1);
  return process.gate.steps();
};

describe.each(Object.entries(SCENARIOS))("%s", (_, scenario) => {
  describe.each<After>(["the disk kept", "the state folder lost", "the disk lost"])("%s", (after) => {
    test("without a crash", async () => {
      expect(await play(scenario, undefined, after)).toBeGreaterThan(3);
    });

    test.each<Crash["how"]>(["before", "after", "late"])("dead at any step: %s", async (how) => {
      const steps = await play(scenario, undefined, after);
      const failures: string[] = [];
      for (let at = 0; at < steps; at++)
        try {
          await play(scenario, { at, how }, after);
        } catch (thrown) {
          failures.push(`step ${at} of ${steps}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
        }
      expect(failures).toEqual([]);
    });
  });
});

test.each([
  { how: "before", why: "not yet on disk" },
  { how: "after", why: "on disk, not in the books" },
] as const)("a pull cut off when the graph is $why, and then the bucket moves on: no conflict", async ({ how }) => {
  const world = createAppWorld();
  await firstLife(world, A);
  await world.upload(REMOTE, B);
  const steps = 2; // base bytes and intent are written
  const process = world.boot({ crash: { at: steps, how } });
  await process.live(() => process.start());
  expect(world.local()).toBe(how === "after" ? B : A);
  expect(world.state().intent).toEqual({ kind: "disk", sha256: world.digest(B), base: world.digest(B) });
  await world.upload(REMOTE, C);
  const next = world.boot();
  await next.start();
  expect(world.local()).toBe(C);
  expect(next.events()).not.toContain("start.kept-aside");
  expect(Object.keys(world.objects()).filter((name) => name.includes("conflicts"))).toEqual([]);
});

/** A wrapper that dies when its graph has arrived in another bucket, before its books say so. */
const deadBetween = async (at = 0): Promise<AppWorld> => {
  const world = createAppWorld();
  const old = world.boot({ bucket: "old:" });
  await old.start();
  world.save(A);
  expect(await old.finish()).toMatchObject({ data: "safe" });
  const process = world.boot({ crash: { at, how: "after" } });
  await process.live(() => process.start());
  return world.remote() === A ? world : deadBetween(at + 1);
};

test("dead between the put into another bucket and the books: the base is known to be this bucket's", async () => {
  const world = await deadBetween();
  expect(world.state()).toMatchObject({ store: "old:", intent: { kind: "put" } });
  world.save(B); // a tool, while no wrapper ran
  const next = world.boot();
  await next.start();
  expect(world.remote()).toBe(B);
  expect(world.state().store).toBe("memory:");
  expect(next.events()).not.toContain("start.kept-aside");
});

test("the same, and the bucket cannot be reached then: the app starts on what is on disk, and its save is a push", async () => {
  const world = createAppWorld();
  await firstLife(world, A);
  await world.upload(REMOTE, B);
  const process = world.boot({ crash: { at: 2, how: "after" } });
  await process.live(() => process.start());
  const error = new KgsyncError("bucket-unavailable", "scripted: no answer");
  const next = world.boot({
    rules: { onUnreachable: "local" },
    faults: [
      { on: "get", key: REMOTE, kind: "error", error },
      { on: "list", kind: "error", error },
    ],
  });
  await next.start();
  expect(world.local()).toBe(B);
  const more = graphText(["a", "b", "more"]);
  world.save(more);
  expect(await next.finish()).toMatchObject({ data: "safe" });
  expect(world.remote()).toBe(more);
  expect(Object.keys(world.objects()).filter((name) => name.includes("conflicts"))).toEqual([]);
  next.expectAllPlayed();
});
