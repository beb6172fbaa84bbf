import { describe, expect, test } from "vitest";
import type { Pushed } from "../../src/app/push-all.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { encodeMetadata, shortDigest } from "../../src/core/metadata.ts";
import type { Stamp } from "../../src/ports/file-tree.ts";
import { type AppProcess, type AppWorld, createAppWorld, type ProcessOptions, REMOTE } from "../support/app-world.ts";
import { graphText, manyNames, namesIn } from "../support/app-world-graph.ts";

const A = graphText(["a"]);
const B = graphText(["a", "b"]);
const C = graphText(["a", "c"]);
/** B, after somebody has removed b. */
const AGAIN = graphText(["a"], "2026-05-05T00:00:00Z");
const BIG = graphText(manyNames(40));

/** A wrapper whose app has started, both sides holding `text`, with nothing counted yet. */
const running = async (
  text: string,
  options: ProcessOptions = {},
): Promise<{ world: AppWorld; process: AppProcess }> => {
  const world = createAppWorld();
  await world.upload(REMOTE, text);
  const process = world.boot(options);
  await process.start();
  await world.clock.advance(10_000); // the files are older than the racy two seconds
  await process.push();
  process.requests.splice(0);
  return { world, process };
};

const below = (world: AppWorld, prefix: string): readonly string[] =>
  Object.keys(world.objects()).filter((name) => name.startsWith(prefix));
const textsBelow = (world: AppWorld, prefix: string): readonly string[] =>
  below(world, prefix).map((name) => world.objects()[name] ?? "");

describe("what is a save", () => {
  test("an idle look costs one stat: no request, no read, no write", async () => {
    const { world, process } = await running(A);
    const before = { ...world.disk.counts };
    for (let n = 0; n < 5; n++) expect(await process.push()).toMatchObject({ data: "safe", retry: "none" });
    expect(process.requests).toEqual([]);
    expect({ ...world.disk.counts, scan: before.scan }).toEqual(before);
  });

  test("a change of the clock alone is none: no request, nothing dirty", async () => {
    const { world, process } = await running(A);
    world.save(graphText(["a"], "2027-07-07T07:07:07Z"));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(process.requests).toEqual([]);
    expect(world.state().dirty).toBe(false);
    expect(world.remote()).toBe(A);
  });

  test("a change of the same size is one", async () => {
    const { world, process } = await running(A);
    world.save(A.replaceAll('"a"', '"z"'));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A.replaceAll('"a"', '"z"'));
  });

  /** A file system whose times are too coarse: the second write leaves the stamp of the first. */
  const coarse =
    (pinned: { stamp: Stamp | undefined }): NonNullable<ProcessOptions["files"]> =>
    (files) => ({
      ...files,
      stat: async (path) => {
        const stamp = await files.stat(path);
        if (!path.endsWith("graph.json") || stamp === undefined) return stamp;
        pinned.stamp ??= stamp;
        return pinned.stamp;
      },
    });

  test("a change that leaves the same stamp is noticed, when the stamp was young as it was read", async () => {
    const pinned: { stamp: Stamp | undefined } = { stamp: undefined };
    const world = createAppWorld();
    const process = world.boot({ files: coarse(pinned) });
    await process.start();
    world.save(A);
    await process.push();
    world.save(B);
    await process.push();
    expect(world.remote()).toBe(B);
  });

  test("the final push reads the file whatever its stamp says", async () => {
    const pinned: { stamp: Stamp | undefined } = { stamp: undefined };
    const { world, process } = await running(A, { files: coarse(pinned) });
    await process.push();
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A); // the look was fooled
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
  });

  test("a change taken back before it was pushed needs no request and leaves nothing dirty", async () => {
    const { world, process } = await running(A, { faults: [] });
    process.play({ on: "put", key: REMOTE, kind: "error", error: new KgsyncError("bucket-denied", "scripted: 403") });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "later" });
    world.save(A);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A);
    process.expectAllPlayed();
  });

  test("a graph that the app deleted stays in the bucket", async () => {
    const { world, process } = await running(A);
    world.disk.app.remove("/data/graph.json");
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A);
  });
});

describe("torn and invalid", () => {
  test.each([
    ["half written", B.slice(0, -4)],
    ["empty", ""],
  ])("%s: waits, looks again, then goes up", async (_, torn) => {
    const { world, process } = await running(A);
    world.save(torn);
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "soon" });
    expect(process.requests).toEqual([]);
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
  });

  test("a file that moves while it is read waits", async () => {
    const { world, process } = await running(A);
    world.save(B);
    world.disk.fault({ on: "read", path: "graph.json", what: "moving" });
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "soon" });
    expect(process.requests).toEqual([]);
    expect(world.disk.unplayed()).toEqual([]);
  });

  test.each([
    ["torn", B.slice(0, -4)],
    ["empty", ""],
    ["not an object", "[]"],
  ])("%s at the final push: to quarantine as it is, and not safe", async (_, text) => {
    const { world, process } = await running(A);
    world.save(text);
    const pushed = await process.finish();
    expect(pushed).toMatchObject({ data: "unsafe", retry: "none" });
    expect(pushed.why).toContain(".kgsync/conflicts/quarantine-");
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual([text]);
    expect(world.remote()).toBe(A);
  });

  test("invalid but whole: to quarantine at once, and a good save after it goes up", async () => {
    const { world, process } = await running(A);
    world.save("[]");
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "none" });
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual(["[]"]);
    world.save(B);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
  });
});

describe("a lost answer", () => {
  const lostAnswer = { on: "put", key: REMOTE, kind: "lost-response" } as const;
  const lostRequest = { on: "put", key: REMOTE, kind: "lost-request" } as const;

  test.each([
    ["applied", [lostAnswer], 1],
    ["not applied", [lostRequest], 2],
    ["not applied three times", [lostRequest, lostRequest, lostRequest], 4],
    ["not applied, then applied", [lostRequest, lostAnswer], 2],
  ] as const)("%s: settled by looking, stored once", async (_, faults, puts) => {
    const { world, process } = await running(A);
    process.play(...faults);
    world.save(B);
    const writes = world.bucketOf("memory:").writes;
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
    // one for the graph, one for the version that it replaced
    expect(world.bucketOf("memory:").writes - writes).toBe(2);
    const asked = process.requests.filter((request) => request === `put ${REMOTE}`).length;
    expect(asked).toBe(puts - faults.filter((fault) => fault.kind === "lost-request").length);
    expect(world.state()).toMatchObject({ dirty: false, intent: undefined, base: { sha256: world.digest(B) } });
    process.expectAllPlayed();
  });

  test("late: the first arrives after the look, the second conflicts with it and knows it for its own", async () => {
    let late: (() => Promise<unknown>) | undefined;
    const { world, process } = await running(A, {
      store: (store) => ({
        ...store,
        put: async (key, body, mode, options, signal) => {
          if (key !== REMOTE || world?.local() !== B) return store.put(key, body, mode, options, signal);
          if (late !== undefined) {
            await late();
            return store.put(key, body, mode, options, signal);
          }
          late = () => store.put(key, body, mode, options, new AbortController().signal);
          return { outcome: "unknown", cause: new Error("scripted: late") };
        },
      }),
    });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(late).toBeDefined();
    expect(world.remote()).toBe(B);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
  });

  test("and the look fails too: unsafe, tried again later; what arrived meanwhile is known as ours", async () => {
    const { world, process } = await running(A);
    const error = new KgsyncError("bucket-unavailable", "scripted: 503");
    process.play(lostAnswer);
    const heads = { on: "head", key: REMOTE, kind: "error", error } as const;
    const puts = { on: "put", key: REMOTE, kind: "error", error } as const;
    process.play(...Array.from({ length: 40 }, () => heads), ...Array.from({ length: 40 }, () => puts));
    world.save(B);
    expect(await process.finish(10_000)).toMatchObject({ data: "unsafe", retry: "later" });
    expect(world.state()).toMatchObject({ dirty: true, base: { sha256: world.digest(A) } });
    expect(world.remote()).toBe(B); // it had arrived
    // The app saves on; the bucket answers again.
    const next = world.boot();
    world.save(C);
    await next.start();
    expect(await next.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(C);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
  });

  test("lost versions keep their bytes until they are settled: any of them may yet turn out to be the base", async () => {
    const { world, process } = await running(A);
    const blind = { on: "head", key: REMOTE, kind: "stall", until: new Promise<void>(() => undefined) } as const;
    for (const text of [B, C]) {
      process.play(lostRequest, blind);
      world.save(text);
      expect(await process.push(2_000)).toMatchObject({ data: "unsafe" });
    }
    const kept = [A, B, C].map(world.digest).sort();
    await process.pushing().folder.dropOldBases();
    expect(Object.keys(await world.filesBelow("/data/.kgsync/base"))).toEqual(kept);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(Object.keys(await world.filesBelow("/data/.kgsync/base"))).toEqual([world.digest(C)]);
    process.expectAllPlayed();
  });

  test("and somebody has built upon it since: what they removed of it stays removed", async () => {
    let overtaken = false;
    const { world, process } = await running(A, {
      store: (store) => ({
        ...store,
        put: async (key, body, mode, options, signal) => {
          const put = await store.put(key, body, mode, options, signal);
          if (key !== REMOTE || overtaken || put.outcome !== "stored") return put;
          overtaken = true;
          const [sha256, parent] = [world.digest(AGAIN), world.digest(B)];
          const ancestors = [B, A].map((text) => shortDigest(world.digest(text)));
          const told = { sha256, parent, ancestors, writer: "other", epoch: undefined, writeId: "other" };
          await world.upload(REMOTE, AGAIN, "memory:", encodeMetadata(told));
          return { outcome: "unknown", cause: new Error("scripted: lost") };
        },
      }),
    });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(overtaken).toBe(true);
    expect(world.remote()).toBe(AGAIN);
    expect(world.state()).toMatchObject({ intent: undefined, base: { sha256: world.digest(B) } });
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.local()).toBe(AGAIN);
  });

  test("in the same life: an earlier version that arrived unheard is built upon, not a conflict", async () => {
    const { world, process } = await running(A, {});
    process.play(lostAnswer, { on: "head", key: REMOTE, kind: "stall", until: new Promise(() => undefined) });
    world.save(B);
    expect(await process.push(2_000)).toMatchObject({ data: "unsafe" });
    expect(world.remote()).toBe(B);
    world.save(C);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(C);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
    process.expectAllPlayed();
  });
});

describe("the bucket's graph was changed by somebody else", () => {
  test("merged: the bucket has both, the file under the running app stays, and gets both at the end", async () => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, C);
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "b", "c"]);
    expect(world.local()).toBe(B);
    expect(world.state().base).toEqual({ kind: "content", sha256: world.digest(B) });
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.local()).toBe(world.remote());
    expect(world.state().base).toEqual({ kind: "content", sha256: world.digest(world.local() ?? "") });
  });

  test("the app never reads again: its later saves lack what others added, and remove nothing of it", async () => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, C);
    world.save(B);
    await process.push();
    process.requests.splice(0);
    world.save(graphText(["a", "b", "b2"]));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(process.requests.filter((request) => request.startsWith("get"))).toEqual([]); // its bytes are kept
    expect(namesIn(world.remote())).toEqual(["a", "b", "b2", "c"]);
    world.save(graphText(["b", "b2"]));
    await process.push();
    expect(namesIn(world.remote())).toEqual(["b", "b2", "c"]);
    await world.upload(REMOTE, graphText(["b2", "c", "d"])); // somebody removes b, adds d
    world.save(graphText(["b", "b2", "b3"]));
    await process.finish();
    expect(namesIn(world.remote())).toEqual(["b2", "b3", "c", "d"]);
    expect(world.local()).toBe(world.remote());
  });

  /** As Amadeus writes it: an app that we know. */
  const known = (services: Readonly<Record<string, string>>, more: object = {}): string =>
    JSON.stringify({
      version: "1.0.0",
      last_updated: "2026-01-01T00:00:00Z",
      services: Object.fromEntries(Object.keys(services).map((name) => [name, { name }])),
      patterns: {},
      ...more,
    });

  test("a first save that lacks a field of somebody else's graph: so the app writes, the field stays", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, known({ a: "", b: "" }, { schema: 2 }));
    const process = world.boot();
    await process.start();
    world.save(known({ a: "", b: "", c: "" }));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(JSON.parse(world.remote() ?? "")).toMatchObject({ schema: 2 });
    expect(namesIn(world.remote())).toEqual(["a", "b", "c"]);
    world.save(known({ c: "" }));
    await process.finish();
    expect(JSON.parse(world.remote() ?? "")).toMatchObject({ schema: 2 });
    expect(namesIn(world.remote())).toEqual(["c"]);
  });

  test("a record that the first save lacks is removed: the app knows its records", async () => {
    const world = createAppWorld();
    await world.upload(REMOTE, known({ a: "", b: "" }, { schema: 2 }));
    const process = world.boot();
    await process.start();
    world.save(known({ a: "" }));
    await process.finish();
    expect(JSON.parse(world.remote() ?? "")).toMatchObject({ schema: 2 });
    expect(namesIn(world.remote())).toEqual(["a"]);
  });

  test("a first save of another app is taken as it is, unless it meets somebody else's", async () => {
    const own = '{"schema":2,"a":1,"b":1}';
    const saved = '{"a":1}';
    for (const meets of [false, true]) {
      const world = createAppWorld();
      await world.upload(REMOTE, own);
      const process = world.boot();
      await process.start();
      if (meets) await world.upload(REMOTE, '{"schema":2,"a":1,"b":1,"c":1}');
      world.save(saved);
      await process.finish();
      expect(JSON.parse(world.remote() ?? "")).toEqual(meets ? { schema: 2, a: 1, b: 1, c: 1 } : { a: 1 });
    }
  });

  test("a field that this app itself brought is its own to remove, also in its first save", async () => {
    const world = createAppWorld();
    const first = world.boot();
    await first.start();
    world.save(known({ a: "" }, { schema: 2 }));
    await first.finish();
    const process = world.boot();
    await process.start();
    world.save(known({ a: "" }));
    await process.finish();
    expect(world.remote()).toBe(known({ a: "" }));
  });

  test("both changed the same: one wins, and the loser is recorded before the graph is put", async () => {
    const { world, process } = await running(graphText({ x: "old" }));
    const theirs = graphText({ x: "theirs" }, "2026-02-01T00:00:00Z");
    const ours = graphText({ x: "ours", y: "ours" }, "2026-03-01T00:00:00Z");
    await world.upload(REMOTE, theirs);
    world.save(ours);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(JSON.parse(world.remote() ?? "")).toMatchObject({ services: { x: "ours", y: "ours" } });
    const puts = process.requests.filter((request) => request.startsWith("put") && !request.includes("versions"));
    expect(puts.at(-1)).toBe(`put ${REMOTE}`);
    expect(puts.slice(0, -1).map((request) => request.replace(/.*(\.theirs)?\.json$/, "$1"))).toHaveLength(3);
    const document = below(world, ".kgsync/conflicts/").find((name) => name.endsWith(".theirs.json")) ?? "";
    const record = below(world, ".kgsync/conflicts/").find((name) => !name.endsWith(".theirs.json")) ?? "";
    expect(world.objects()[document]).toBe(theirs);
    expect(JSON.parse(world.objects()[record] ?? "")).toMatchObject({
      kind: "merge",
      policy: "newest",
      base: { sha256: world.digest(graphText({ x: "old" })) },
      ours: { sha256: world.digest(ours) },
      theirs: { sha256: world.digest(theirs), key: document },
      result: { sha256: world.digest(world.remote() ?? "") },
      conflicts: [{ pointer: "/services/x", kind: "edit/edit", chosen: "ours", base: "old", theirs: "theirs" }],
    });
  });

  test.each([
    ["ours", "ours"],
    ["theirs", "theirs"],
  ] as const)("KGSYNC_ON_CONFLICT=%s", async (onConflict, wins) => {
    const { world, process } = await running(graphText({ x: "old" }), { rules: { onConflict } });
    await world.upload(REMOTE, graphText({ x: "theirs" }));
    world.save(graphText({ x: "ours" }));
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(JSON.parse(world.remote() ?? "")).toMatchObject({ services: { x: wins } });
    expect(world.local()).toBe(world.remote());
  });

  test("the two cannot be merged: ours whole to quarantine, nothing is overwritten, held", async () => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, C);
    const twice = '{"last_updated":"2026-01-01T00:00:00Z","services":{"b":1},"services":{"b":2}}';
    world.save(twice);
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "none" });
    expect(world.remote()).toBe(C);
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual([twice]);
    world.save(B);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "b", "c"]);
  });

  test("somebody writes before each of our puts: merged again and again, until the time is up", async () => {
    const { world, process } = await running(A, {
      store: (store) => ({
        ...store,
        put: async (...args) => {
          if (args[0] === REMOTE) await world.upload(REMOTE, graphText(["a", `t${++rivals}`]));
          return store.put(...args);
        },
      }),
    });
    let rivals = 0;
    world.save(B);
    expect(await process.push(5_000)).toMatchObject({ data: "unsafe", retry: "later" });
    expect(rivals).toBeGreaterThan(3);
    expect(process.requests.length).toBeLessThan(500);
  });

  test.each([
    ["by meaning", graphText(["a", "b"], "2027-01-01T00:00:00Z")],
    ["in every byte", B],
  ])("equal %s: that is no conflict", async (_, theirs) => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, theirs);
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(theirs);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
    process.requests.splice(0);
    world.save(graphText(["a", "b"], "2028-01-01T00:00:00Z")); // the clock alone, against a base whose bytes are there
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(process.requests).toEqual([]);
    world.save(C);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(namesIn(world.remote())).toEqual(["a", "c"]);
  });

  test("the same graph uploaded again: nothing in it is new, ours goes over it", async () => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, A);
    world.save(B);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
    expect(below(world, ".kgsync/conflicts/")).toEqual([]);
  });

  test("gone: created again, with an alarm", async () => {
    const { world, process } = await running(A);
    world.erase(REMOTE);
    world.save(B);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
    expect(process.events()).toContain("push.remote-gone");
  });

  test("gone, and the app takes its change back while nothing could be put: still created again", async () => {
    let denied = 1;
    const { world, process } = await running(A, {
      store: (store) => ({
        ...store,
        put: async (key, body, mode, options, signal) => {
          if (key === REMOTE && mode.mode === "create" && denied-- > 0)
            throw new KgsyncError("bucket-denied", "scripted: 403");
          return store.put(key, body, mode, options, signal);
        },
      }),
    });
    world.erase(REMOTE);
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "unsafe" });
    expect(denied).toBe(0);
    world.save(A);
    expect(await process.finish()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A);
  });

  test.each([
    ["document", (name: string): boolean => name.endsWith(".ours.json")],
    ["record", (name: string): boolean => /conflicts\/[^.]*\.json$/.test(name)],
  ])(
    "the answer for the conflict's %s is lost: nothing is put before it is kept, and it is tried again",
    async (_, key) => {
      const { world, process } = await running(graphText({ x: "old" }), { rules: { onConflict: "theirs" } });
      await world.upload(REMOTE, graphText({ x: "theirs" }));
      world.save(graphText({ x: "ours", y: "ours" }));
      process.play({ on: "put", key, kind: "lost-request" });
      expect(await process.push()).toMatchObject({ data: "unsafe", retry: "later" });
      expect(world.remote()).toBe(graphText({ x: "theirs" }));
      expect(await process.push()).toMatchObject({ data: "safe" });
      expect(below(world, ".kgsync/conflicts/")).toHaveLength(2);
      process.expectAllPlayed();
    },
  );

  test("a quarantine whose answer is lost names no key: the file on disk is the only copy for sure", async () => {
    const { world, process } = await running(A);
    world.save("[]");
    process.play({ on: "put", key: (name) => name.includes("quarantine"), kind: "lost-request" });
    const pushed = await process.push();
    expect(pushed).toMatchObject({ data: "unsafe" });
    expect(pushed.why).not.toContain("quarantine-");
    process.expectAllPlayed();
  });

  test("replaced by an invalid one: ours to quarantine, held", async () => {
    const { world, process } = await running(A);
    await world.upload(REMOTE, "{");
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "unsafe", retry: "none" });
    expect(world.remote()).toBe("{");
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual([B]);
  });
});

describe("the shrink guard", () => {
  const names = (count: number): string => graphText(manyNames(count));

  test("half lost: the version before is kept first, then ours is stored, with an alarm", async () => {
    const { world, process } = await running(BIG, { rules: { history: 0 } });
    world.save(names(19));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(names(19));
    expect(process.events()).toContain("guard.alarm");
    expect(textsBelow(world, ".kgsync/versions/")).toEqual([BIG]);
    const versionAt = process.requests.findIndex((request) => request.startsWith("put .kgsync/versions/"));
    expect(versionAt).toBeLessThan(process.requests.indexOf(`put ${REMOTE}`));
  });

  test("less than half lost: no alarm", async () => {
    const { world, process } = await running(BIG);
    world.save(names(25));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(process.events()).not.toContain("guard.alarm");
  });

  test("a small graph may shrink to nothing", async () => {
    const { world, process } = await running(names(15));
    world.save(graphText([]));
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(graphText([]));
  });

  test.each([
    ["nearly all", graphText(["a"])],
    ["all", "{}"],
  ])("%s lost: latched, to quarantine", async (_, wiped) => {
    const { world, process } = await running(BIG);
    world.save(wiped);
    const pushed = await process.push();
    expect(pushed).toMatchObject({ data: "unsafe", retry: "none" });
    expect(pushed.why).toContain(`--allow-shrink ${world.digest(wiped).slice(0, 8)}`);
    expect(world.remote()).toBe(BIG);
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual([wiped]);
    expect(world.state()).toMatchObject({ latch: {}, dirty: true, base: { sha256: world.digest(BIG) } });
  });

  test("stays latched while the app adds its things again, also in a new process that only pushes", async () => {
    const { world, process } = await running(BIG);
    world.save(A);
    await process.push();
    for (const count of [10, 30, 60]) {
      world.save(graphText(manyNames(count, "new")));
      expect(await process.push()).toMatchObject({ data: "unsafe" });
    }
    expect(await process.finish()).toMatchObject({ data: "unsafe", retry: "none" });
    expect(world.remote()).toBe(BIG);
    expect(textsBelow(world, ".kgsync/conflicts/quarantine-")).toEqual([graphText(manyNames(60, "new"))]);
  });

  test("shrinking over several saves is measured against the largest of the day", async () => {
    const { world, process } = await running(names(100));
    for (const count of [60, 35, 20]) {
      world.save(names(count));
      expect(await process.push()).toMatchObject({ data: "safe" });
    }
    world.save(names(8));
    expect(await process.push()).toMatchObject({ data: "unsafe" });
    expect(world.remote()).toBe(names(20));
  });

  const allow = (process: AppProcess, allowed: string): Promise<Pushed> => process.finish(60_000, allowed);

  test("--allow-shrink of that digest lets it through, and opens the latch", async () => {
    const { world, process } = await running(BIG);
    world.save(A);
    await process.push();
    expect(await allow(process, "00000000")).toMatchObject({ data: "unsafe" });
    expect(world.remote()).toBe(BIG);
    expect(await allow(process, world.digest(A).slice(0, 8))).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(A);
    expect(world.state()).toMatchObject({ latch: undefined, largest: { sha256: world.digest(A) } });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
  });

  test("and stays latched when that put fails", async () => {
    const { world, process } = await running(BIG);
    world.save(A);
    await process.push();
    process.play({ on: "put", key: REMOTE, kind: "error", error: new KgsyncError("bucket-denied", "scripted: 403") });
    expect(await allow(process, world.digest(A).slice(0, 8))).toMatchObject({ data: "unsafe" });
    expect(world.state().latch).toBeDefined();
    process.expectAllPlayed();
  });
});

describe("the history", () => {
  test("each replaced version is kept; the oldest above the limit go, and only our own", async () => {
    const { world, process } = await running(A, { rules: { history: 3 } });
    await world.upload(".kgsync/versions/by-hand.json", "kept");
    await world.upload(".kgsync/versions/0123456789abcdef.json.bak", "kept");
    const texts = manyNames(17).map((name) => graphText([name]));
    for (const text of texts) {
      world.save(text);
      expect(await process.push()).toMatchObject({ data: "safe" });
    }
    // Stored 17 times: pruned after the 1st, 9th and 17th.
    const ours = below(world, ".kgsync/versions/").filter((name) => /\/[0-9a-f]{16}\.json$/.test(name));
    expect(ours.map((name) => world.objects()[name])).toEqual(texts.slice(13, 16));
    expect(textsBelow(world, ".kgsync/versions/").filter((text) => text === "kept")).toHaveLength(2);
    expect(process.requests.filter((request) => request === "list .kgsync/versions/")).toHaveLength(3);
  });

  test("not on the final push: the grace is not for tidying", async () => {
    const { world, process } = await running(A, { rules: { history: 1 } });
    world.save(B);
    await process.finish();
    expect(process.requests.filter((request) => request.startsWith("list"))).toEqual([]);
  });

  test("a failure is only logged", async () => {
    const { world, process } = await running(A, { rules: { history: 1 } });
    process.play({ on: "list", kind: "error", error: new KgsyncError("bucket-denied", "scripted: no list") });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(process.events()).toContain("version.not-pruned");
    process.expectAllPlayed();
  });

  test("none with KGSYNC_HISTORY=0", async () => {
    const { world, process } = await running(A, { rules: { history: 0 } });
    world.save(B);
    await process.push();
    expect(process.requests).toEqual([`put ${REMOTE}`]);
  });

  test("a version that cannot be kept does not stop the put", async () => {
    const { world, process } = await running(A);
    const onVersion = (key: string): boolean => key.startsWith(".kgsync/versions/");
    process.play({
      on: "put",
      key: onVersion,
      kind: "error",
      error: new KgsyncError("bucket-denied", "scripted: 403"),
    });
    world.save(B);
    expect(await process.push()).toMatchObject({ data: "safe" });
    expect(world.remote()).toBe(B);
    process.expectAllPlayed();
  });
});
