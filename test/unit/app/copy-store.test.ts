import { describe, expect, test } from "vitest";
import { createMemoryBucket, createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { nodeSha256, nodeSha256Stream } from "../../../src/adapters/node-sha256.ts";
import { copyStore } from "../../../src/app/copy-store.ts";
import { LARGE } from "../../../src/app/hold-object.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { encodeMetadata } from "../../../src/core/metadata.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import type { OpenScratch } from "../../../src/ports/scratch.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { type Fault, withFaults } from "../../support/faulty-object-store.ts";

const GRAPH = "knowledge_graph.json";
const never = new AbortController().signal;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const down = new KgsyncError("bucket-unavailable", "scripted: no answer");

/** Moves time on for as long as the work waits for it. */
const drive = async <T>(clock: FakeClock, work: Promise<T>): Promise<T> => {
  let done = false;
  const end = (): void => {
    done = true;
  };
  work.then(end, end);
  await clock.advance(0);
  while (!done) await clock.advance(clock.next() ?? 0);
  return work;
};

/** Metadata as kgsync writes it; `from`: the texts that this version came from. */
const metadataOf = (text: string, ...from: readonly string[]) =>
  encodeMetadata({
    sha256: nodeSha256(bytesOf(text)),
    parent: undefined,
    ancestors: from.map((one) => nodeSha256(bytesOf(one)).slice(0, 16)),
    writer: "test",
    epoch: 7,
    writeId: `id of ${text}`,
  });

const createPair = (faults: { readonly from?: readonly Fault[]; readonly to?: readonly Fault[] } = {}) => {
  const [source, target] = [createMemoryBucket(), createMemoryBucket()];
  const [plainFrom, plainTo] = [createMemoryObjectStore(source), createMemoryObjectStore(target)];
  const from = withFaults(plainFrom, faults.from ?? []);
  const to = withFaults(plainTo, faults.to ?? []);
  const clock = createFakeClock();
  const files = { opened: 0, closed: 0 };
  const scratch: OpenScratch = async () => {
    const bytes = new Uint8Array(LARGE + 5);
    files.opened += 1;
    return {
      write: async (offset, piece) => bytes.set(piece, offset),
      read: async (offset, length) => bytes.slice(offset, offset + length),
      close: async () => {
        files.closed += 1;
      },
    };
  };
  const put = async (store: ObjectStore, name: string, text: string, metadata = {}): Promise<void> => {
    const options = { contentType: "x/y", metadata };
    await store.put(key(name), bytesOf(text), { mode: "overwrite" }, options, never);
  };
  const copy = async (rules = {}, stores: { readonly from?: ObjectStore; readonly to?: ObjectStore } = {}) => {
    const random = { fraction: () => 0, id: () => "unused" };
    const hashes = { sha256: nodeSha256, sha256Stream: nodeSha256Stream };
    const io = { from, to, ...stores, clock, random, ...hashes, scratch };
    const all = { dryRun: false, documents: [key(GRAPH)], objectMs: 60_000, attemptMs: 10_000, ...rules };
    return drive(clock, copyStore(io, all, undefined, never));
  };
  const textAt = (name: string): string | undefined => {
    const found = target.objects.get(name);
    return found === undefined ? undefined : new TextDecoder().decode(found.body);
  };
  return { source, target, from, to, plainFrom, plainTo, clock, files, put, copy, textAt };
};

const whole = { left: [], moved: false };
const none = { create: 0, same: 0, update: 0, newer: 0, differs: 0 };

describe("a copy", () => {
  test("brings everything but what speaks of the source alone, with what was noted of it, the graph last", async () => {
    const pair = createPair();
    const order: string[] = [];
    const to: ObjectStore = {
      ...pair.to,
      put: (name, ...rest) => {
        order.push(name);
        return pair.to.put(name, ...rest);
      },
    };
    await pair.put(pair.plainFrom, GRAPH, "{}", metadataOf("{}", "older"));
    await pair.put(pair.plainFrom, "backups/a.json", "a", { "kgsync-sha256": "of a" });
    for (const name of [".kgsync/versions/1.json", ".kgsync/conflicts/2.json", ".kgsync/lease.json", ".kgsync/probe"])
      await pair.put(pair.plainFrom, name, name);
    const report = await pair.copy({}, { to });
    expect(report).toEqual({ ...whole, objects: { ...none, create: 4 }, bytes: 50, graph: "create" });
    expect(order.at(-1)).toBe(GRAPH);
    expect([...pair.target.objects.keys()].sort()).toEqual([
      ".kgsync/conflicts/2.json",
      ".kgsync/versions/1.json",
      "backups/a.json",
      GRAPH,
    ]);
    expect(pair.target.objects.get(GRAPH)?.metadata).toEqual(metadataOf("{}", "older"));
    expect(pair.target.objects.get("backups/a.json")?.metadata).toEqual({ "kgsync-sha256": "of a" });
  });

  test("changes nothing when it is run again, and nothing at all in a dry run", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, GRAPH, "{}");
    await pair.put(pair.plainFrom, "backups/a.json", "a");
    const dry = await pair.copy({ dryRun: true });
    expect([dry.objects.create, pair.target.writes]).toEqual([2, 0]);
    await pair.copy();
    const before = pair.target.writes;
    expect(await pair.copy()).toMatchObject({ ...whole, objects: { ...none, same: 2 }, bytes: 0, graph: "same" });
    expect(pair.target.writes).toBe(before);
  });

  test.each([
    ["an earlier version is replaced", "update", "old", metadataOf("old"), "new"],
    ["a later version is left", "newer", "later", metadataOf("later", "new"), "later"],
    ["one that has changed too is left", "differs", "other", metadataOf("other", "old"), "other"],
  ])("a graph there: %s", async (_, verdict, there, metadata, after) => {
    const pair = createPair();
    await pair.put(pair.plainFrom, GRAPH, "new", metadataOf("new", "old"));
    await pair.put(pair.plainTo, GRAPH, there, metadata);
    const report = await pair.copy();
    expect([report.graph, pair.textAt(GRAPH)]).toEqual([verdict, after]);
    expect(report.left.map(({ name }) => name)).toEqual(verdict === "differs" ? [GRAPH] : []);
  });

  test("a backup of the same name is left, and said", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, "backups/a.json", "ours");
    await pair.put(pair.plainTo, "backups/a.json", "theirs");
    const report = await pair.copy();
    expect(report).toMatchObject({ objects: { ...none, differs: 1 }, graph: "absent" });
    expect(report.left).toEqual([{ name: "backups/a.json", why: expect.stringContaining("another file") }]);
    expect(pair.textAt("backups/a.json")).toBe("theirs");
  });

  test("a put whose answer is lost is looked at, not taken for somebody else's", async () => {
    const pair = createPair({ to: [{ on: "put", key: GRAPH, kind: "lost-response" }] });
    await pair.put(pair.plainFrom, GRAPH, "{}");
    expect((await pair.copy()).graph).toBe("create");
    expect(pair.target.writes).toBe(1);
    pair.to.expectAllPlayed();
  });

  test("a put that never arrives is sent again", async () => {
    const pair = createPair({ to: [{ on: "put", key: GRAPH, kind: "lost-request", error: down }] });
    await pair.put(pair.plainFrom, GRAPH, "{}");
    expect((await pair.copy()).graph).toBe("create");
    pair.to.expectAllPlayed();
  });

  test("a store that gives back other bytes is found out", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, "backups/a.json", "a");
    const to: ObjectStore = {
      ...pair.to,
      peek: async (name, limit, signal) => {
        const object = await pair.to.peek(name, limit, signal);
        return object && { ...object, body: bytesOf("rotten") };
      },
    };
    // Its own put makes the target differ from what it should be.
    const report = await pair.copy({}, { to });
    expect(report.left.map(({ name }) => name)).toEqual(["backups/a.json"]);
  });

  test("a save in the source while the graph is copied is brought too", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, GRAPH, "first", metadataOf("first"));
    let saved = false;
    const from: ObjectStore = {
      ...pair.from,
      head: async (name, signal) => {
        if (!saved) await pair.put(pair.plainFrom, GRAPH, "second", metadataOf("second", "first"));
        saved = true;
        return pair.from.head(name, signal);
      },
    };
    expect(await pair.copy({}, { from })).toMatchObject({ ...whole, graph: "create" });
    expect(pair.textAt(GRAPH)).toBe("second");
  });

  test("a source that never stands still is said to be one", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, GRAPH, "0", metadataOf("0"));
    let n = 0;
    const from: ObjectStore = {
      ...pair.from,
      head: async (name, signal) => {
        n += 1;
        await pair.put(pair.plainFrom, GRAPH, String(n), metadataOf(String(n), String(n - 1)));
        return pair.from.head(name, signal);
      },
    };
    expect(await pair.copy({}, { from })).toMatchObject({ moved: true });
  });

  test("an empty source is a mistake, and a bucket that denies is not gone on with", async () => {
    const pair = createPair();
    await expect(pair.copy()).rejects.toMatchObject({ code: "bucket-missing" });
    const denied = new KgsyncError("bucket-denied", "scripted: 403");
    const second = createPair({ to: [{ on: "put", kind: "error", error: denied }] });
    await second.put(second.plainFrom, GRAPH, "{}");
    await expect(second.copy()).rejects.toMatchObject({ code: "bucket-denied" });
  });
});

describe("documents beside the graph", () => {
  const SETTINGS = "etc/settings.json";
  const documents = [key(SETTINGS), key(GRAPH)];

  test("are brought with their versions and conflicts, after all that does not change, before the graph", async () => {
    const pair = createPair();
    const order: string[] = [];
    const to: ObjectStore = {
      ...pair.to,
      put: (name, ...rest) => {
        order.push(name);
        return pair.to.put(name, ...rest);
      },
    };
    const beside = [
      ".kgsync/documents/memory.jsonl/conflicts/2.json",
      ".kgsync/documents/memory.jsonl/versions/1.json",
      "attachments/a.png",
    ];
    for (const name of [GRAPH, SETTINGS, "memory.jsonl", ...beside, ".kgsync/lease.json", ".kgsync/doctor"])
      await pair.put(pair.plainFrom, name, name);
    expect(await pair.copy({ documents }, { to })).toMatchObject({ ...whole, objects: { ...none, create: 6 } });
    expect(order.slice(0, 3).sort()).toEqual(beside);
    expect(order.slice(3)).toEqual(["memory.jsonl", SETTINGS, GRAPH]);
    expect([...pair.target.objects.keys()].sort()).toEqual([...beside, SETTINGS, GRAPH, "memory.jsonl"].sort());
  });

  test.each(["memory.jsonl", SETTINGS])("%s: what was saved while it was copied is brought too", async (name) => {
    const pair = createPair();
    await pair.put(pair.plainFrom, name, "first", metadataOf("first"));
    await pair.put(pair.plainTo, name, "old", metadataOf("old"));
    await pair.put(pair.plainFrom, name, "first", metadataOf("first", "old"));
    let saved = false;
    const from: ObjectStore = {
      ...pair.from,
      head: async (asked, signal) => {
        if (!saved) await pair.put(pair.plainFrom, name, "second", metadataOf("second", "first"));
        saved = true;
        return pair.from.head(asked, signal);
      },
    };
    expect(await pair.copy({ documents }, { from })).toMatchObject({ ...whole, graph: "absent" });
    expect(pair.textAt(name)).toBe("second");
  });

  test("one that is never left alone makes the source one that is still written to", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, "memory.jsonl", "0", metadataOf("0"));
    await pair.put(pair.plainFrom, GRAPH, "{}");
    let n = 0;
    const from: ObjectStore = {
      ...pair.from,
      head: async (name, signal) => {
        n += 1;
        await pair.put(pair.plainFrom, "memory.jsonl", String(n), metadataOf(String(n), String(n - 1)));
        return pair.from.head(name, signal);
      },
    };
    expect(await pair.copy({}, { from })).toMatchObject({ moved: true, graph: "create" });
  });

  test("a graph with a name of its own is the one that is told of", async () => {
    const pair = createPair();
    await pair.put(pair.plainFrom, "memory.jsonl", "{}");
    expect(await pair.copy({ documents: [key("memory.jsonl")] })).toMatchObject({ graph: "create" });
  });
});

describe("what is in memory at once", () => {
  test.each([
    ["small ones, as many as there are lanes", 1000, 16],
    ["large ones, as many as fit", LARGE / 4, 4],
    ["one that is too large for the limit, alone", LARGE * 3, 1],
  ])("%s", async (_, size, expected) => {
    const pair = createPair();
    for (let n = 0; n < 40; n++) await pair.put(pair.plainFrom, `backups/${n}.json`, String(n));
    let active = 0;
    let most = 0;
    const from: ObjectStore = {
      ...pair.from,
      list: async function* (prefix, signal) {
        for await (const one of pair.from.list(prefix, signal)) yield { ...one, size };
      },
    };
    const to: ObjectStore = {
      ...pair.to,
      peek: async (...call) => {
        active += 1;
        most = Math.max(most, active);
        await pair.clock.sleep(1, never);
        active -= 1;
        return pair.to.peek(...call);
      },
    };
    expect(await pair.copy({}, { from, to })).toMatchObject({ objects: { ...none, create: 40 } });
    expect(most).toBe(expected);
  });
});

describe("an object above 32 MiB", () => {
  const NAME = "backups/large.json";
  const large = (fill: number): Uint8Array => new Uint8Array(LARGE + 5).fill(fill);
  const putLarge = (store: ObjectStore, fill: number) =>
    store.put(key(NAME), large(fill), { mode: "overwrite" }, { contentType: "x/y", metadata: { a: "b" } }, never);

  test("goes from store to store through files that nobody sees, and is compared", async () => {
    const pair = createPair();
    await putLarge(pair.plainFrom, 7);
    const bodies: boolean[] = [];
    const to: ObjectStore = {
      ...pair.to,
      put: (name, body, mode, options, signal) => {
        bodies.push(body instanceof Uint8Array);
        expect(options.strict).toBe(true);
        return pair.to.put(name, body, mode, options, signal);
      },
    };
    expect(await pair.copy({}, { to })).toMatchObject({ ...whole, objects: { ...none, create: 1 }, bytes: LARGE + 5 });
    const there = pair.target.objects.get(NAME);
    expect([nodeSha256(there?.body ?? new Uint8Array()), there?.metadata]).toEqual([nodeSha256(large(7)), { a: "b" }]);
    expect(bodies).toEqual([false]);
    expect(pair.files).toMatchObject({ opened: 2, closed: 2 });
    expect(await pair.copy({}, { to })).toMatchObject({ objects: { ...none, same: 1 } });
    await putLarge(pair.plainFrom, 8);
    expect(await pair.copy({}, { to })).toMatchObject({ objects: { ...none, differs: 1 } });
    expect(pair.files.opened).toBe(pair.files.closed);
    expect(bodies).toHaveLength(1);
  });

  test("that changes while it is brought is brought anew", async () => {
    const pair = createPair();
    await putLarge(pair.plainFrom, 7);
    let changed = false;
    const from: ObjectStore = {
      ...pair.from,
      fetch: async (...call) => {
        if (!changed) await putLarge(pair.plainFrom, 9);
        changed = true;
        return pair.from.fetch(...call);
      },
    };
    expect(await pair.copy({}, { from })).toMatchObject({ ...whole, objects: { ...none, create: 1 } });
    expect(pair.target.objects.get(NAME)?.body[0]).toBe(9);
    expect(pair.files).toMatchObject({ opened: 3, closed: 3 });
  });

  test("that changes every time, or cannot be brought, ends the copy and holds no file", async () => {
    const pair = createPair();
    await putLarge(pair.plainFrom, 7);
    const restless: ObjectStore = { ...pair.from, fetch: async () => "changed" };
    await expect(pair.copy({}, { from: restless })).rejects.toMatchObject({ code: "bucket-unavailable" });
    const broken: ObjectStore = { ...pair.from, fetch: () => Promise.reject(down) };
    await expect(pair.copy({}, { from: broken })).rejects.toBe(down);
    expect(pair.files.opened).toBeGreaterThan(1);
    expect(pair.files.closed).toBe(pair.files.opened);
  });

  test("has its time for each 32 MiB", async () => {
    const pair = createPair();
    await putLarge(pair.plainFrom, 7);
    const slow: ObjectStore = {
      ...pair.from,
      fetch: async (name, version, target, signal) => {
        await pair.clock.sleep(90_000, signal);
        return pair.from.fetch(name, version, target, signal);
      },
    };
    expect(await pair.copy({}, { from: slow })).toMatchObject(whole);
  });
});
