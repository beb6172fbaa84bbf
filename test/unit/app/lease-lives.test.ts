import { expect, test } from "vitest";
import { claimGraph } from "../../../src/app/claim-graph.ts";
import { createKeepLease } from "../../../src/app/keep-lease.ts";
import { LEASE_KEY } from "../../../src/app/lease-object.ts";
import type { Run } from "../../../src/app/perform-types.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import { type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../../support/app-world.ts";
import { graphText, namesIn } from "../../support/app-world-graph.ts";
import { type AppScript, beginLife, type SessionOptions } from "../../support/app-world-session.ts";

const TERM = 15;
const TTL = 30_000;
const A = graphText(["a"]);

type Rules = Partial<Pick<NonNullable<Run["lease"]>, "onBusy" | "ask">>;

/** A copy of the app on a world's disk. Its app saves `saves` when it is told to stop, `lagMs` later. */
const begin = async (
  world: AppWorld,
  rules: Rules = {},
  { saves, lagMs = 0 }: { readonly saves?: string; readonly lagMs?: number } = {},
  options: SessionOptions & ProcessOptions = {},
) => {
  const process = world.boot(options);
  const found: (readonly string[] | undefined)[] = [];
  const script: AppScript = {
    onStart: () => void found.push(namesIn(world.local())),
    onSignal: (signal, app) => {
      if (signal !== TERM) return;
      app.after(lagMs, () => {
        if (saves !== undefined) app.save(graphText([...(namesIn(world.local()) ?? []), saves]));
        app.exit(0);
      });
    },
  };
  const life = beginLife(world, process, script, {
    lease: {
      keep: createKeepLease(process.io, { ttlMs: TTL }),
      onBusy: "wait",
      ask: false,
      claim: claimGraph,
      ...rules,
    },
    ...options,
  });
  await world.clock.advance(0);
  return { process, found, ...life };
};

const createWorlds = async () => {
  const one = createAppWorld();
  await one.upload(REMOTE, A);
  return { one, two: createAppWorld(one), clock: one.clock };
};

const epochOf = (world: AppWorld): string | undefined =>
  world.bucketOf("memory:").objects.get(REMOTE)?.metadata["kgsync-epoch"];

test("a second copy stands by, and starts when the first has ended, on its last save", async () => {
  const { one, two, clock } = await createWorlds();
  const first = await begin(one, {}, { saves: "last" });
  const second = await begin(two);
  await clock.advance(10 * TTL);
  expect([first.found.length, second.found.length]).toEqual([1, 0]);
  first.signal(TERM);
  await clock.advance(5_000);
  expect(first.ending()).toMatchObject({ code: 0, data: "safe" });
  expect(second.found).toEqual([["a", "last"]]);
  expect(epochOf(one)).toBe("2");
});

test("a copy that is ready only when it serves asks: the first stops its app, stands by, and does not ask back", async () => {
  const { one, two, clock } = await createWorlds();
  const first = await begin(one, { ask: true }, { saves: "last" });
  await clock.advance(TTL);
  const second = await begin(two, { ask: true }, { saves: "of two" });
  await clock.advance(TTL);
  expect(second.found).toEqual([["a", "last"]]);
  expect(first.ending()).toBeUndefined();
  await clock.advance(20 * TTL);
  expect([first.found.length, second.found.length]).toEqual([1, 1]);
  second.signal(TERM);
  await clock.advance(10_000);
  expect(first.found).toEqual([["a"], ["a", "last", "of two"]]);
  first.signal(TERM);
  await clock.advance(5_000);
  expect(first.ending()).toMatchObject({ code: 0, data: "safe" });
});

test("a stop while standing by, before the app ever ran or after a hand-over, ends with 143", async () => {
  const { one, two, clock } = await createWorlds();
  const first = await begin(one);
  await clock.advance(TTL);
  const second = await begin(two, { ask: true });
  await clock.advance(TTL);
  expect(second.found).toHaveLength(1);
  first.signal(TERM);
  await clock.advance(0);
  expect(first.ending()).toMatchObject({ code: 143, data: "safe" });
  const third = await begin(createAppWorld(one));
  third.signal(TERM);
  await clock.advance(0);
  expect(third.ending()).toMatchObject({ code: 143, data: "untouched" });
});

test("the last save does not get to the bucket: the lease is kept, the app goes on, and is asked ever more rarely", async () => {
  const { one, two, clock } = await createWorlds();
  const torn: AppScript = {
    onSignal: (_, app) => {
      app.save('{"half":');
      app.exit(0);
    },
  };
  const process = one.boot();
  const keep = createKeepLease(process.io, { ttlMs: TTL });
  const first = beginLife(one, process, torn, { lease: { keep, onBusy: "wait", ask: false, claim: claimGraph } });
  await clock.advance(TTL);
  const second = await begin(two, { ask: true });
  await clock.advance(60 * 60_000);
  expect(second.found).toEqual([]);
  expect(process.events()).toContain("lease.kept");
  const spawns = first.lines.filter((line) => line.endsWith("spawn")).length;
  expect(spawns).toBeGreaterThan(3);
  expect(spawns).toBeLessThan(9);
});

/** The bucket does not answer this process on some keys for as long as `down` says so. */
const without =
  (down: () => boolean, only?: string): NonNullable<ProcessOptions["store"]> =>
  (store: ObjectStore) => {
    const check = (name: string): void => {
      if (down() && (only === undefined || name === only))
        throw new KgsyncError("bucket-unavailable", "scripted: no answer");
    };
    return {
      ...store,
      get: async (name, signal) => {
        check(name);
        return store.get(name, signal);
      },
      head: async (name, signal) => {
        check(name);
        return store.head(name, signal);
      },
      put: async (name, ...rest) => {
        check(name);
        return store.put(name, ...rest);
      },
    };
  };

test("a holder that cannot renew stops its app in time; nobody else came, so that its last save is put", async () => {
  const { one, clock } = await createWorlds();
  let down = false;
  const first = await begin(one, {}, { saves: "last" }, { store: without(() => down, LEASE_KEY) });
  await clock.advance(TTL);
  down = true;
  await clock.advance(TTL);
  expect(first.ending()).toMatchObject({ code: 75, data: "safe" });
  expect(namesIn(one.remote())).toEqual(["a", "last"]);
  expect(first.facts.fenced()).toContain("renewed");
});

test("another took over before the last push: nothing is put over its work, ours is kept under another key", async () => {
  const { one, two, clock } = await createWorlds();
  let down = false;
  const slow = { saves: "last", lagMs: 14_000 };
  const first = await begin(one, {}, slow, { graceMs: 30_000, store: without(() => down, LEASE_KEY) });
  await clock.advance(TTL);
  const second = await begin(two);
  down = true;
  await clock.advance(34_000);
  expect(second.found).toEqual([["a"]]);
  second.app.save(graphText(["a", "of two"]));
  await clock.advance(10_000);
  expect(first.ending()).toMatchObject({ code: 75, data: "unsafe" });
  expect(namesIn(one.remote())).toEqual(["a", "of two"]);
  const kept = Object.entries(one.objects()).filter(([name]) => name.includes("quarantine-"));
  expect(kept.map(([, text]) => namesIn(text))).toEqual([["a", "last"]]);
  expect(first.facts.lastPush()?.why).toMatch(/epoch 2.*kept in the bucket/);
});

test("the whole bucket is out of reach: the app is stopped, the files are kept, the next start brings them", async () => {
  const { one, two, clock } = await createWorlds();
  let down = false;
  const first = await begin(one, {}, { saves: "last" }, { store: without(() => down) });
  await clock.advance(TTL);
  const second = await begin(two);
  down = true;
  await clock.advance(3 * TTL);
  expect(first.ending()).toMatchObject({ code: 75, data: "unsafe" });
  second.app.save(graphText(["a", "of two"]));
  await clock.advance(5_000);
  second.signal(TERM);
  await clock.advance(5_000);
  const third = await begin(one);
  await clock.advance(5_000);
  expect(third.found).toEqual([["a", "last", "of two"]]);
});

test("`fail`: the app is not started, and the code is 75", async () => {
  const { one, two, clock } = await createWorlds();
  await begin(one);
  const second = await begin(two, { onBusy: "fail" });
  await clock.advance(TTL);
  expect(second.ending()).toMatchObject({ code: 75, data: "untouched" });
  expect(second.facts.failure()).toMatchObject({ code: "lease-busy" });
  expect(second.found).toEqual([]);
});

test("`readonly`: the app runs on what the bucket has, nothing of it is ever put, and its code stands", async () => {
  const { one, two, clock } = await createWorlds();
  await begin(one);
  for (const round of [1, 2]) {
    const second = await begin(two, { onBusy: "readonly" }, { saves: `late ${round}` });
    await clock.advance(TTL);
    second.app.save(graphText(["a", `mine ${round}`]));
    await clock.advance(TTL);
    second.signal(TERM);
    await clock.advance(5_000);
    expect(second.ending()).toMatchObject({ code: 0, data: "untouched" });
    expect(second.found).toEqual([round === 1 ? ["a"] : ["a", "late 1", "mine 1"]]);
    const puts = second.process.requests.filter((line) => line.startsWith("put"));
    expect(puts.filter((line) => line !== "put .kgsync/probe")).toEqual([]);
    expect(Object.keys(one.objects()).filter((name) => name.includes("conflicts"))).toEqual([]);
    expect(second.process.events()).toContain(round === 1 ? "lease.readonly" : "lease.local");
  }
  expect(namesIn(one.remote())).toEqual(["a"]);
  const third = createAppWorld(one);
  const merging = await begin(third, { onBusy: "merge" });
  await clock.advance(TTL);
  expect(merging.found).toEqual([["a"]]);
});

test("`merge`: the app runs beside the holder, and both their work is in the bucket", async () => {
  const { one, two, clock } = await createWorlds();
  const first = await begin(one);
  const second = await begin(two, { onBusy: "merge" });
  await clock.advance(TTL);
  first.app.save(graphText(["a", "one"]));
  await clock.advance(5_000);
  second.app.save(graphText(["a", "two"]));
  await clock.advance(5_000);
  expect(namesIn(one.remote())).toEqual(["a", "one", "two"]);
  first.app.save(graphText(["a", "one", "more"]));
  await clock.advance(5_000);
  expect(namesIn(one.remote())).toEqual(["a", "more", "one", "two"]);
  expect([first.ending(), second.ending()]).toEqual([undefined, undefined]);
});

test("killed and started again on the same files, it has its own lease at once", async () => {
  const { one, clock } = await createWorlds();
  const first = await begin(one);
  await clock.advance(TTL);
  first.process.gate.kill();
  const second = await begin(one);
  await clock.advance(1_000);
  expect(second.found).toEqual([["a"]]);
});

test("a restart on what others wrote keeps the lease", async () => {
  const { one, clock } = await createWorlds();
  const first = await begin(one, {}, { saves: "mine" }, { onRemoteChange: { kind: "restart", everyMs: 60_000 } });
  await clock.advance(10_000);
  await one.upload(REMOTE, graphText(["a", "theirs"]));
  await clock.advance(70_000);
  expect(first.found).toEqual([["a"], ["a", "mine", "theirs"]]);
  expect(epochOf(one)).toBe("1");
  expect(first.process.events().filter((event) => event === "lease.held")).toHaveLength(1);
});
