import { describe, expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import type { State } from "../../src/core/state.ts";
import type { ObjectStore, PutMode } from "../../src/ports/object-store.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, namesIn } from "../support/app-world-graph.ts";

const PROBE = ".kgsync/probe";
const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "c"]);
const DAY_MS = 24 * 60 * 60 * 1000;

type Change = (store: ObjectStore) => ObjectStore;

/** A store that takes some conditions for none. */
const ignoring =
  (ignored: PutMode["mode"]): Change =>
  (store) => ({
    ...store,
    put: (key, body, mode, options, signal) =>
      store.put(key, body, mode.mode === ignored ? { mode: "overwrite" } : mode, options, signal),
  });

const onProbe =
  (answer: (mode: PutMode, put: () => ReturnType<ObjectStore["put"]>) => ReturnType<ObjectStore["put"]>): Change =>
  (store) => ({
    ...store,
    put: (key, body, mode, options, signal) => {
      const put = () => store.put(key, body, mode, options, signal);
      return key === PROBE ? answer(mode, put) : put();
    },
  });

const refusingUpdates = onProbe(async (mode, put) => (mode.mode === "update" ? { outcome: "conflict" } : put()));
const losing = onProbe(async () => ({ outcome: "unknown", cause: new Error("scripted: no answer") }));
const refusingCreates = onProbe(async (mode, put) => (mode.mode === "create" ? { outcome: "conflict" } : put()));
const notImplemented = onProbe(() => Promise.reject(new KgsyncError("store-unsafe", "scripted: 501 NotImplemented")));
const unreachable = onProbe(() => Promise.reject(new KgsyncError("bucket-unavailable", "scripted: 503")));

const probes = (process: AppProcess): number => process.requests.filter((request) => request === `put ${PROBE}`).length;

const ofGraph = (process: AppProcess): readonly string[] =>
  process.requests.filter((request) => request.endsWith(` ${REMOTE}`));

const start = async (world: AppWorld, options: ProcessOptions = {}): Promise<AppProcess> => {
  const process = world.boot(options);
  await process.start();
  return process;
};

describe("a store that honours conditions", () => {
  test("is proven by a few requests to one fixed key, which stays", async () => {
    const world = createAppWorld();
    const process = await start(world);
    expect(process.requests.filter((request) => request.endsWith(PROBE))).toEqual([
      `put ${PROBE}`,
      `put ${PROBE}`,
      `put ${PROBE}`,
      `put ${PROBE}`,
    ]);
    expect(world.state().probedAt).toBe(world.clock.now().wall);
    expect(Object.keys(world.objects())).toEqual([PROBE]);
  });

  test("is noted with the graph that came down, not by a write of its own", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, A);
    const states: State[] = [];
    world.watchers.file = (path) => void (path.endsWith("/state.json") && states.push(world.state()));
    await start(world);
    expect(states.map(({ intent, probedAt }) => [intent?.kind, probedAt])).toEqual([
      ["disk", undefined],
      [undefined, world.clock.now().wall],
    ]);
  });

  test("is not asked again for 24 hours", async () => {
    const world = createAppWorld();
    await start(world);
    await world.clock.advance(DAY_MS - 1000);
    expect(probes(await start(world))).toBe(0);
    await world.clock.advance(2000);
    const later = await start(world);
    expect(probes(later)).toBe(3);
    expect(world.state().probedAt).toBe(world.clock.now().wall);
  });

  test("is asked again when the clock has gone back: the proof lies in the future", async () => {
    const world = createAppWorld();
    await start(world);
    world.clock.jumpWall(-1000);
    expect(probes(await start(world))).toBeGreaterThan(0);
  });

  test("says nothing of another bucket", async () => {
    const world = createAppWorld();
    await start(world, { bucket: "old:" });
    expect(probes(await start(world, { bucket: "new:" }))).toBeGreaterThan(0);
  });

  test("is proven while another wrapper probes too", async () => {
    const world = createAppWorld();
    let others = 2;
    const process = await start(world, {
      store: onProbe(async (mode, put) => {
        if (mode.mode === "update" && world.bucketOf("memory:").objects.get(PROBE)?.etag === mode.etag && others-- > 0)
          await world.upload(PROBE, "somebody else's");
        return put();
      }),
    });
    expect(others).toBeLessThanOrEqual(0);
    expect(world.state().probedAt).toBeDefined();
    expect(process.events()).not.toContain("probe.inconclusive");
  });

  test("once proven, a put of the graph needs no look before it", async () => {
    const world = createAppWorld();
    const process = await start(world);
    process.requests.splice(0);
    world.save(A);
    await process.push();
    expect(ofGraph(process)).toEqual([`put ${REMOTE}`]);
  });
});

describe.each<[string, Change]>([
  ["ignores If-None-Match", ignoring("create")],
  ["ignores If-Match", ignoring("update")],
  ["refuses every update", refusingUpdates],
  ["answers 501", notImplemented],
])("a store that %s", (_, store) => {
  test("is refused, before anything was written to the graph", async () => {
    const world = createAppWorld();
    world.save(A);
    const process = world.boot({ store });
    await expect(process.start()).rejects.toMatchObject({ code: "store-unsafe" });
    expect(world.remote()).toBeUndefined();
    expect(process.requests).not.toContain(`put ${REMOTE}`);
  });

  test("is refused also when there is only something to pull", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, A);
    await expect(world.boot({ store }).start()).rejects.toMatchObject({ code: "store-unsafe" });
    expect(world.remote()).toBe(A);
  });

  test("is refused before ours is copied aside: no key but the probe's is written", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, A);
    world.save("");
    const process = world.boot({ store });
    await expect(process.start()).rejects.toMatchObject({ code: "store-unsafe" });
    expect(Object.keys(world.objects()).filter((name) => name !== PROBE)).toEqual([REMOTE]);
    expect(world.local()).toBe("");
  });

  test("is used with KGSYNC_UNSAFE_STORE=allow, loudly, and each put looks first", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, A);
    const process = await start(world, { store, rules: { unsafeStore: "allow" } });
    expect(process.events()).toContain("probe.unsafe");
    expect(world.state().probedAt).toBeUndefined();
    process.requests.splice(0);
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(ofGraph(process)).toEqual([`head ${REMOTE}`, `put ${REMOTE}`]);
    await world.upload(REMOTE, C);
    world.save(graphText(["a", "b", "b2"]));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "b2", "c"]);
  });
});

describe.each<[string, Change]>([
  ["loses its answers", losing],
  ["says that a key exists which does not", refusingCreates],
  ["is unreachable while it is probed", unreachable],
])("a store that %s", (_, store) => {
  test("is inconclusive: used, each put looks first, and the next start asks again", async () => {
    const world = createAppWorld();
    const process = await start(world, { store });
    expect(process.events()).toContain("probe.inconclusive");
    world.save(A);
    process.requests.splice(0);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(ofGraph(process)).toEqual([`head ${REMOTE}`, `put ${REMOTE}`]);
    expect(world.state().probedAt).toBeUndefined();
    expect(probes(await start(world))).toBeGreaterThan(0);
    expect(world.state().probedAt).toBeDefined();
  });
});

test("what another bucket proved does not vouch for this one", async () => {
  const world = createAppWorld();
  await start(world, { bucket: "old:" });
  const process = await start(world, { store: losing });
  process.requests.splice(0);
  world.save(A);
  await process.push();
  expect(process.requests[0]).toBe(`head ${REMOTE}`);
});

test("a proof that is too old does not vouch for a store that ignores conditions now, at the very first put", async () => {
  const world = createAppWorld();
  const first = await start(world);
  world.save(A);
  await first.finish();
  await world.clock.advance(DAY_MS + 1000);
  world.save(B);
  const process = await start(world, { store: ignoring("update"), rules: { unsafeStore: "allow" } });
  expect(ofGraph(process)).toEqual([`get ${REMOTE}`, `head ${REMOTE}`, `put ${REMOTE}`]);
});

test("a denied probe refuses the start with the bucket's own answer", async () => {
  const world = createAppWorld();
  const denied = onProbe(() => Promise.reject(new KgsyncError("bucket-denied", "scripted: 403")));
  await expect(start(world, { store: denied })).rejects.toMatchObject({ code: "bucket-denied" });
});

const updatesRefused = onProbe((mode, put) =>
  mode.mode === "update" ? Promise.reject(new KgsyncError("store-unsafe", "scripted: 501 NotImplemented")) : put(),
);

describe.each<[string, Change]>([
  ["ignores If-Match", ignoring("update")],
  ["refuses every update", refusingUpdates],
  ["answers 501 to updates", updatesRefused],
])("a store that honours creates and %s", (_, store) => {
  test("is refused with the hint that names create-only", async () => {
    const refused = start(createAppWorld(), { store });
    await expect(refused).rejects.toMatchObject({ code: "store-unsafe", hint: expect.stringContaining("create-only") });
  });

  test("is all that create-only needs", async () => {
    const world = createAppWorld();
    await start(world, { store, rules: { s3Conditions: "create-only" } });
    expect(world.state().probedAt).toBe(world.clock.now().wall);
  });
});

describe("create-only", () => {
  const rules = { s3Conditions: "create-only" } as const;

  test.each<[string, Change]>([
    ["ignores If-None-Match", ignoring("create")],
    ["answers 501 to creates", notImplemented],
  ])("a store that %s is refused in it too, and no hint leads there", async (_, store) => {
    for (const options of [{ store }, { store, rules }]) {
      const refused = start(createAppWorld(), options);
      await expect(refused).rejects.toMatchObject({
        code: "store-unsafe",
        hint: expect.not.stringContaining("create-only"),
      });
    }
  });

  test("is not begun on a store that honours updates: others may use it so", async () => {
    const world = createAppWorld();
    world.save(A);
    await expect(start(world, { rules })).rejects.toMatchObject({ code: "config-invalid" });
    expect(world.remote()).toBeUndefined();
  });

  test("goes on where it was begun, when the server has learnt updates since", async () => {
    const world = createAppWorld();
    await world.upload(".kgsync/chain/knowledge_graph.json/999999999999998", "a version");
    await start(world, { rules });
    expect(world.state().probedAt).toBeDefined();
  });
});
