import { describe, expect, test } from "vitest";
import { createMemoryBucket, createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { nodeSha256 } from "../../../src/adapters/node-sha256.ts";
import { copyStore } from "../../../src/app/copy-store.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { encodeMetadata } from "../../../src/core/metadata.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
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
  const put = async (store: ObjectStore, name: string, text: string, metadata = {}): Promise<void> => {
    const options = { contentType: "x/y", metadata };
    await store.put(key(name), bytesOf(text), { mode: "overwrite" }, options, never);
  };
  const copy = async (rules = {}, stores: { readonly from?: ObjectStore; readonly to?: ObjectStore } = {}) => {
    const io = { from, to, ...stores, clock, random: { fraction: () => 0, id: () => "unused" }, sha256: nodeSha256 };
    const all = { dryRun: false, objectMs: 60_000, attemptMs: 10_000, ...rules };
    return drive(clock, copyStore(io, all, undefined, never));
  };
  const textAt = (name: string): string | undefined => {
    const found = target.objects.get(name);
    return found === undefined ? undefined : new TextDecoder().decode(found.body);
  };
  return { source, target, from, to, plainFrom, plainTo, put, copy, textAt };
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
      get: async (name, signal) => {
        const object = await pair.to.get(name, signal);
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
