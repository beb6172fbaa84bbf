import { describe, expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, manyNames } from "../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "c"]);
const ABC = graphText(["a", "b", "c"]);
const TWICE = `{"last_updated":"2026-01-01T00:00:00Z","services":{"b":1},"services":{"b":2}}`;
const TORN = A.slice(0, -3);
const WRONG = "[1]";
const BIG = graphText(manyNames(40));

/** Both sides held `text` when the last wrapper ended. */
const inStep = async (world: AppWorld, text: string, options: ProcessOptions = {}): Promise<AppProcess> => {
  const process = world.boot(options);
  await process.start();
  world.save(text);
  expect(await process.finish()).toMatchObject({ data: "safe" });
  return process;
};

/** Another wrapper on another machine changed the bucket's graph. */
const elsewhere = async (world: AppWorld, text: string): Promise<void> => {
  const other = createAppWorld(world);
  const process = other.boot();
  await process.start();
  other.save(text);
  expect(await process.finish()).toMatchObject({ data: "safe" });
};

/** The code that the start rejects with, or `started`. */
const outcome = async (process: AppProcess): Promise<string> => {
  try {
    await process.start();
    return "started";
  } catch (thrown) {
    if (!(thrown instanceof KgsyncError)) throw thrown;
    return thrown.code;
  }
};

/** What lies where, the graphs by themselves; `conflicts`: documents only, without their records. */
const picture = async (world: AppWorld, bucket?: string) => {
  const objects = Object.entries(world.objects(bucket));
  const { base } = world.state();
  const local = world.local();
  return {
    disk: local,
    bucket: world.remote(bucket),
    conflicts: objects.filter(([name]) => /conflicts\/.*\.ours\.json$/.test(name)).map(([, text]) => text),
    quarantine: objects.filter(([name]) => /conflicts\/quarantine/.test(name)).map(([, text]) => text),
    aside: Object.values(await world.aside()),
    base:
      base.kind !== "content"
        ? base.kind
        : local !== undefined && base.sha256 === world.digest(local)
          ? "disk"
          : "other",
  };
};
type Picture = Awaited<ReturnType<typeof picture>>;

type Row = {
  readonly before: (world: AppWorld) => Promise<void> | void;
  readonly now?: ProcessOptions;
  readonly ends?: string;
  readonly after: Partial<Picture>;
  /** Log events that tell a person what happened. */
  readonly said?: readonly string[];
};

const NOTHING: Picture = { disk: undefined, bucket: undefined, conflicts: [], quarantine: [], aside: [], base: "none" };
const both = (text: string): Partial<Picture> => ({ disk: text, bucket: text, base: "disk" });
const unavailable = new KgsyncError("bucket-unavailable", "scripted: no answer");
const denied = new KgsyncError("bucket-denied", "scripted: 403");
const offline = (store: ObjectStore): ObjectStore => ({
  ...store,
  get: () => Promise.reject(unavailable),
  head: () => Promise.reject(unavailable),
  put: () => Promise.reject(unavailable),
  // biome-ignore lint/correctness/useYield: it ends before the first row
  list: async function* () {
    throw unavailable;
  },
});

const TABLE: Readonly<Record<string, Row>> = {
  "absent, absent, none: first boot": { before: () => undefined, after: { base: "absent" } },
  "absent, absent, none, refuse": {
    before: () => undefined,
    now: { rules: { firstBoot: "refuse" } },
    ends: "graph-invalid",
    after: { base: "none" },
  },
  "absent, absent, absent: still a first boot": {
    before: (world) => world.boot().start(),
    after: { base: "absent" },
  },
  "absent, absent, have: not a first boot": {
    before: async (world) => {
      await inStep(world, A);
      world.disk.app.remove("/data/graph.json");
      world.erase(REMOTE);
    },
    ends: "graph-invalid",
    after: { base: "other" },
  },
  "absent, valid, none: pull": { before: (world) => world.upload(REMOTE, A), after: both(A) },
  "absent, valid, have: never a deletion": {
    before: async (world) => {
      await inStep(world, A);
      world.disk.app.remove("/data/graph.json");
    },
    after: both(A),
  },
  "valid, absent, none: create from the image": { before: (world) => world.save(A), after: both(A) },
  "valid, absent, have, unchanged since: create with an alarm": {
    before: async (world) => {
      await inStep(world, A);
      world.erase(REMOTE);
    },
    after: both(A),
    said: ["start.remote-gone"],
  },
  "valid, absent, have, changed since: create with an alarm": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
      world.erase(REMOTE);
    },
    after: both(B),
    said: ["start.remote-gone"],
  },
  "valid, equal, none: base := disk": {
    before: async (world) => {
      world.save(A);
      await world.upload(REMOTE, A);
    },
    after: both(A),
  },
  "valid, equal but for the clock, none: nothing is written": {
    before: async (world) => {
      world.save(A);
      await world.upload(REMOTE, graphText(["a"], "2026-02-02T00:00:00Z"));
    },
    after: { disk: A, bucket: graphText(["a"], "2026-02-02T00:00:00Z"), base: "disk" },
  },
  "valid = base, moved: pull": {
    before: async (world) => {
      await inStep(world, A);
      await elsewhere(world, B);
    },
    after: both(B),
  },
  "valid = base but for the clock, moved: pull": {
    before: async (world) => {
      await inStep(world, A);
      world.save(graphText(["a"], "2026-03-03T00:00:00Z"));
      await world.upload(REMOTE, B);
    },
    after: both(B),
  },
  "valid ≠ base, last seen: push": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
    },
    after: both(B),
    said: ["push.stored"],
  },
  "valid ≠ base, the same graph written again by somebody: push": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
      await world.upload(REMOTE, A);
    },
    after: both(B),
  },
  "valid ≠ base, moved in its clock only: push": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
      await world.upload(REMOTE, graphText(["a"], "2026-02-02T00:00:00Z"));
    },
    after: both(graphText(["a", "b"], "2026-02-02T00:00:00Z")),
  },
  "valid ≠ base, valid ≠ base: merged, put, written to disk": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
      await elsewhere(world, C);
    },
    after: both(ABC),
    said: ["merge.done", "disk.merged"],
  },
  "valid ≠ base, valid ≠ base: an edit of the same: one wins, the other is recorded": {
    before: async (world) => {
      await inStep(world, A);
      world.save(graphText({ a: "ours" }));
      await elsewhere(world, graphText({ a: "theirs" }));
    },
    after: { ...both(graphText({ a: "theirs" })), conflicts: [graphText({ a: "ours" })] },
    said: ["merge.conflicts"],
  },
  "valid ≠ base, valid ≠ base: the two cannot be merged: both kept": {
    before: async (world) => {
      await inStep(world, A);
      world.save(TWICE);
      await elsewhere(world, C);
    },
    after: { ...both(C), conflicts: [TWICE], quarantine: [TWICE], aside: [TWICE] },
    said: ["merge.refused", "start.kept-aside"],
  },
  "A→B→A is an edit with base at hand: merged, what A lacks is removed": {
    before: async (world) => {
      await inStep(world, A);
      await inStep(world, B);
      world.save(A);
      await elsewhere(world, ABC);
    },
    after: both(C),
  },
  "A→B→A is an edit with base at hand: pushed": {
    before: async (world) => {
      await inStep(world, A);
      await inStep(world, B);
      world.save(A);
    },
    after: both(A),
  },
  "valid, an ancestor, none: fast-forward, ours copied aside": {
    before: async (world) => {
      await inStep(world, A);
      await inStep(world, B);
      await world.forget();
      world.save(A);
    },
    after: { ...both(B), conflicts: [A], aside: [A] },
    said: ["start.kept-aside"],
  },
  "valid, differs, none: everything kept": {
    before: async (world) => {
      world.save(B);
      await world.upload(REMOTE, C);
    },
    after: both(ABC),
    said: ["merge.no-base", "merge.done"],
  },
  "valid, differs, none, a kept version at hand: what others removed stays removed": {
    before: async (world) => {
      await inStep(world, graphText(["a", "old"]));
      await world.forget();
      await elsewhere(world, graphText(["a", "old", "c"]));
      await elsewhere(world, C);
      world.save(graphText(["a", "old", "b"]));
    },
    after: both(ABC),
    said: ["merge.no-base", "merge.done"],
  },
  "valid, differs, absent: everything kept": {
    before: async (world) => {
      await world.boot().start();
      world.save(B);
      await world.upload(REMOTE, C);
    },
    after: both(ABC),
  },
  "the base's bytes are damaged, and the disk has them": {
    before: async (world) => {
      await inStep(world, A);
      world.disk.app.write(`/data/.kgsync/base/${world.digest(A)}`, world.encode(TORN));
      await world.upload(REMOTE, C);
    },
    after: both(C),
    said: ["start.plan"],
  },
  "the base's bytes are damaged: as without one": {
    before: async (world) => {
      await inStep(world, A);
      world.disk.app.write(`/data/.kgsync/base/${world.digest(A)}`, world.encode(TORN));
      world.save(B);
      await world.upload(REMOTE, C);
    },
    after: both(ABC),
    said: ["state.base-damaged", "merge.no-base"],
  },
  "torn, valid: copied aside, pull": {
    before: async (world) => {
      await inStep(world, A);
      world.save(TORN);
    },
    after: { ...both(A), conflicts: [TORN], aside: [TORN] },
    said: ["start.kept-aside"],
  },
  "empty, valid, none: copied aside, pull": {
    before: async (world) => {
      world.save("");
      await world.upload(REMOTE, A);
    },
    after: { ...both(A), conflicts: [""], aside: [""] },
  },
  "torn, absent: refuse": {
    before: (world) => world.save(TORN),
    ends: "graph-invalid",
    after: { disk: TORN },
  },
  "torn, absent, have: refuse": {
    before: async (world) => {
      await inStep(world, A);
      world.save(TORN);
      world.erase(REMOTE);
    },
    ends: "graph-invalid",
    after: { disk: TORN, base: "other" },
  },
  "any, invalid: refuse": {
    before: async (world) => {
      world.save(A);
      await world.upload(REMOTE, WRONG);
    },
    ends: "graph-invalid",
    after: { disk: A, bucket: WRONG },
  },
  "valid, invalid, fallback: local": {
    before: async (world) => {
      await world.upload(".kgsync/versions/0123456789abcdef.json", B);
      await world.upload(REMOTE, WRONG);
      world.save(A);
    },
    now: { rules: { onInvalidRemote: "fallback" } },
    after: { ...both(A), quarantine: [WRONG] },
    said: ["start.fallback"],
  },
  "valid = base, invalid, fallback: local": {
    before: async (world) => {
      await inStep(world, A);
      await world.upload(REMOTE, WRONG);
    },
    now: { rules: { onInvalidRemote: "fallback" } },
    after: { ...both(A), quarantine: [WRONG] },
  },
  "absent, invalid, fallback: the newest valid version": {
    before: async (world) => {
      await world.upload(".kgsync/versions/0000000000000001.json", A);
      await world.upload(".kgsync/versions/0000000000000002.json", B);
      await world.upload(".kgsync/versions/0000000000000003.json", TORN);
      await world.upload("backups/knowledge_graph_20260101_000000.json", C);
      await world.upload(REMOTE, TORN);
    },
    now: { rules: { onInvalidRemote: "fallback", backupsPull: { kind: "none" } } },
    after: { ...both(B), quarantine: [TORN] },
    said: ["start.fallback"],
  },
  "torn, invalid, fallback: the newest valid backup": {
    before: async (world) => {
      await world.upload("backups/knowledge_graph_20260101_000000.json", A);
      await world.upload("backups/knowledge_graph_20260102_000000.json", C);
      await world.upload("backups/20260103000000/backup_info.txt", "no graph");
      await world.upload(REMOTE, "");
      world.save(TORN);
    },
    now: { rules: { onInvalidRemote: "fallback", backupsPull: { kind: "none" } } },
    after: { ...both(C), quarantine: [""], conflicts: [TORN], aside: [TORN] },
  },
  "absent, invalid, fallback, nothing valid anywhere: refuse": {
    before: (world) => world.upload(REMOTE, WRONG),
    now: { rules: { onInvalidRemote: "fallback" } },
    ends: "graph-invalid",
    after: { bucket: WRONG },
  },
  "any, unreachable: refuse": {
    before: async (world) => void (await inStep(world, A)),
    now: { store: offline },
    ends: "bucket-unavailable",
    after: both(A),
  },
  "valid, unreachable, have, local: start on it": {
    before: async (world) => {
      await inStep(world, A);
      world.save(B);
    },
    now: { store: offline, rules: { onUnreachable: "local" } },
    after: { disk: B, bucket: A, base: "other" },
    said: ["start.local"],
  },
  "valid, unreachable, none, local: refuse": {
    before: (world) => world.save(A),
    now: { store: offline, rules: { onUnreachable: "local" } },
    ends: "bucket-unavailable",
    after: { disk: A },
  },
  "absent, unreachable, have, local: refuse": {
    before: async (world) => {
      await inStep(world, A);
      world.disk.app.remove("/data/graph.json");
    },
    now: { store: offline, rules: { onUnreachable: "local" } },
    ends: "bucket-unavailable",
    after: { bucket: A, base: "other" },
  },
  "torn, unreachable, have, local: refuse": {
    before: async (world) => {
      await inStep(world, A);
      world.save(TORN);
    },
    now: { store: offline, rules: { onUnreachable: "local" } },
    ends: "bucket-unavailable",
    after: { disk: TORN, bucket: A, base: "other" },
  },
  "denied is not unreachable: refuse": {
    before: async (world) => void (await inStep(world, A)),
    now: { faults: [{ on: "get", key: REMOTE, kind: "error", error: denied }], rules: { onUnreachable: "local" } },
    ends: "bucket-denied",
    after: both(A),
  },
  "valid = base, absent, another bucket: create with an alarm": {
    before: async (world) => void (await inStep(world, A, { bucket: "old:" })),
    after: both(A),
    said: ["start.remote-gone"],
  },
  "absent, absent, another bucket: refuse": {
    before: async (world) => {
      await inStep(world, A, { bucket: "old:" });
      world.disk.app.remove("/data/graph.json");
    },
    ends: "graph-invalid",
    after: { base: "other" },
  },
  "valid = base, differs, another bucket: everything kept": {
    before: async (world) => {
      await inStep(world, A, { bucket: "old:" });
      await world.upload(REMOTE, C);
    },
    after: both(C),
  },
  "valid, equal, another bucket: base := disk": {
    before: async (world) => {
      await inStep(world, A, { bucket: "old:" });
      await world.upload(REMOTE, A);
    },
    after: both(A),
  },
};

describe("the start table", () => {
  test.each(Object.entries(TABLE))("%s", async (_, { before, now = {}, ends = "started", after, said = [] }) => {
    const world = createAppWorld();
    await before(world);
    const process = world.boot({ ...now, bucket: "memory:" });
    expect(await outcome(process)).toBe(ends);
    if (ends === "started" || (await world.disk.tree.names("/data/.kgsync")).includes("state.json"))
      expect(await picture(world)).toEqual({ ...NOTHING, ...after });
    else expect(after.base ?? "none").toBe("none");
    expect(world.local()).toBe(after.disk);
    expect(world.remote()).toBe(after.bucket);
    expect(process.events()).toEqual(expect.arrayContaining([...said]));
    process.expectAllPlayed();
  });

  test.each(Object.entries(TABLE))("%s: once started, a second start has nothing to do", async (_, row) => {
    const world = createAppWorld();
    await row.before(world);
    if ((await outcome(world.boot({ ...row.now }))) !== "started") return;
    if (row.now?.store !== undefined) return; // it waits for the bucket
    const before = await picture(world);
    const again = world.boot(row.now ?? {});
    await again.start();
    expect(await picture(world)).toEqual(before);
    expect(again.requests.filter((request) => !/^(list|get) /.test(request))).toEqual([]);
  });
});

describe("the latched guard at start", () => {
  const latched = async (world: AppWorld, wiped: string): Promise<void> => {
    const process = await inStep(world, BIG);
    world.save(wiped);
    expect(await process.finish()).toMatchObject({ data: "unsafe", retry: "none" });
    expect(world.state().latch).toBeDefined();
  };

  test("takes the bucket's graph, ours is kept aside, and the latch opens", async () => {
    const world = createAppWorld();
    await latched(world, A);
    const process = world.boot();
    await process.start();
    expect(await picture(world)).toMatchObject({ ...both(BIG), conflicts: [A], aside: [A] });
    expect(world.state().latch).toBeUndefined();
  });

  test("also when the app has added to the wiped graph since", async () => {
    const world = createAppWorld();
    await latched(world, A);
    const grown = graphText(manyNames(30, "new"));
    world.save(grown);
    await world.boot().start();
    expect(await picture(world)).toMatchObject({ ...both(BIG), conflicts: [grown] });
  });

  test("KGSYNC_ALLOW_SHRINK lets it through", async () => {
    const world = createAppWorld();
    await latched(world, A);
    await world.boot({ rules: { allowShrink: true } }).start();
    expect(await picture(world)).toMatchObject(both(A));
    expect(world.state().latch).toBeUndefined();
  });

  test("refuses when the bucket's graph is gone too: nothing good is left to start on", async () => {
    const world = createAppWorld();
    await latched(world, A);
    world.erase(REMOTE);
    const process = world.boot();
    expect(await outcome(process)).toBe("graph-invalid");
    expect(world.remote()).toBeUndefined();
    expect(world.local()).toBe(A);
  });
});

test("unreachable and local: the push follows when the bucket is back", async () => {
  const world = createAppWorld();
  await inStep(world, A);
  world.save(B);
  let up = false;
  const process = world.boot({
    rules: { onUnreachable: "local" },
    store: (store) => {
      const down = offline(store);
      return new Proxy(store, { get: (_, name) => Reflect.get(up ? store : down, name) });
    },
  });
  await process.start();
  expect(await process.finish(5000)).toMatchObject({ data: "unsafe", retry: "later" });
  expect(world.remote()).toBe(A);
  up = true;
  expect(await process.push()).toMatchObject({ data: "safe" });
  expect(world.remote()).toBe(B);
});

test("a graph that is being written at start refuses: two writers on one file", async () => {
  const world = createAppWorld();
  world.save(A);
  world.disk.fault({ on: "read", path: "graph.json", what: "moving" });
  expect(await outcome(world.boot())).toBe("local-busy");
});

test("the bucket changes between the look and the put: merged", async () => {
  const world = createAppWorld();
  await inStep(world, A);
  world.save(B);
  let moved = false;
  const process = world.boot({
    store: (store) => ({
      ...store,
      put: async (...args) => {
        if (args[0] === REMOTE && !moved) {
          moved = true;
          await world.upload(REMOTE, C);
        }
        return store.put(...args);
      },
    }),
  });
  await process.start();
  expect(moved).toBe(true);
  expect(await picture(world)).toMatchObject({ ...both(ABC), conflicts: [], aside: [] });
});

test("a state file of a newer kgsync stops the start, and is left as it is", async () => {
  const world = createAppWorld();
  await inStep(world, A);
  const newer = JSON.stringify({ ...world.state(), format: 99 });
  world.disk.app.write("/data/.kgsync/state.json", world.encode(newer));
  expect(await outcome(world.boot())).toBe("config-invalid");
  expect((await world.filesBelow("/data/.kgsync"))["state.json"]).toBe(newer);
});

test("a damaged state file counts as none, loudly", async () => {
  const world = createAppWorld();
  await inStep(world, A);
  world.disk.app.write("/data/.kgsync/state.json", world.encode("{"));
  const process = world.boot();
  await process.start();
  expect(process.events()).toContain("state.damaged");
  expect(await picture(world)).toMatchObject(both(A));
});
