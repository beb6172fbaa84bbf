import { beforeEach, describe, expect, test } from "vitest";
import { createAutoModeObjectStore } from "../../src/adapters/auto-mode-object-store.ts";
import { createCreateOnlyObjectStore } from "../../src/adapters/create-only-object-store/create-only-object-store.ts";
import {
  createMemoryBucket,
  createMemoryObjectStore,
  type MemoryBucket,
} from "../../src/adapters/memory-object-store.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { type Key, key } from "../../src/core/key.ts";
import type { ETag } from "../../src/core/version.ts";
import type { ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import { withFaults } from "../support/faulty-object-store.ts";

const GRAPH = key("knowledge_graph.json");
const LEASE = key(".kgsync/lease.json");
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const isVersion = (name: string): boolean => name.startsWith(`.kgsync/chain/${GRAPH}/`);
const isPlain = (name: string): boolean => name === GRAPH;

let bucket: MemoryBucket;
beforeEach(() => {
  bucket = createMemoryBucket();
});

/** Ignores `If-Match`, as such servers do: a test that came to rely on it would lose a save. */
const raw = (): ObjectStore => {
  const memory = createMemoryObjectStore(bucket);
  return {
    ...memory,
    put: (name, body, mode, options, signal) =>
      memory.put(name, body, mode.mode === "update" ? { mode: "overwrite" } : mode, options, signal),
  };
};
const open = (inner: ObjectStore = raw()): ObjectStore =>
  createCreateOnlyObjectStore(inner, {
    keptAs: (name) => (name === GRAPH ? "mirrored" : name === LEASE ? "bare" : undefined),
    mayHold: (prefix) => GRAPH.startsWith(prefix) || LEASE.startsWith(prefix),
    random: createNodeRandom(),
    sha256: nodeSha256,
  });
const put = (store: ObjectStore, text: string, mode: PutMode, name: Key = GRAPH): Promise<PutOutcome> =>
  store.put(name, bytes(text), mode, { contentType: "application/json", metadata: { "kgsync-write-id": text } }, never);
const stored = (answer: PutOutcome): ETag => {
  if (answer.outcome !== "stored") throw new Error(`expected stored, got ${answer.outcome}`, { cause: answer });
  return answer.etag;
};
const create = async (store: ObjectStore, text: string): Promise<ETag> =>
  stored(await put(store, text, { mode: "create" }));
const update = async (store: ObjectStore, text: string, etag: ETag): Promise<ETag> =>
  stored(await put(store, text, { mode: "update", etag }));
/** By get, after a check that head and the listing say the same. */
const read = async (store: ObjectStore) => {
  const head = await store.head(GRAPH, never);
  const rows = [];
  for await (const row of store.list(GRAPH, never)) rows.push(row);
  const got = await store.get(GRAPH, never);
  expect(head).toEqual(got === undefined ? undefined : { etag: got.etag, size: got.size, metadata: got.metadata });
  expect(rows.map(({ name, etag }) => [name, etag])).toEqual(got === undefined ? [] : [[GRAPH, got.etag]]);
  return got && { text: new TextDecoder().decode(got.body), etag: got.etag, writer: got.metadata["kgsync-write-id"] };
};
const plain = (): string | undefined => {
  const entry = bucket.objects.get(GRAPH);
  return entry && new TextDecoder().decode(entry.body);
};
/** `aws s3 cp` of somebody's file. */
const upload = (text: string, metadata: Readonly<Record<string, string>> = {}) =>
  raw().put(GRAPH, bytes(text), { mode: "overwrite" }, { contentType: "text/plain", metadata }, never);
const versions = (): string[] => [...bucket.objects.keys()].filter(isVersion).sort();
/** Dies after the version and before anything else. */
const dying = (): ObjectStore => {
  let dead = false;
  const inner = raw();
  const stopped = () => new Promise<never>(() => {});
  return open({
    ...inner,
    head: (name, signal) => (dead ? stopped() : inner.head(name, signal)),
    list: (prefix, signal) =>
      dead ? { [Symbol.asyncIterator]: () => ({ next: stopped }) } : inner.list(prefix, signal),
    put: async (name, ...rest) => {
      if (dead) return stopped();
      const answer = await inner.put(name, ...rest);
      dead = isVersion(name);
      return answer;
    },
  });
};
const settled = async (what: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void what.then(() => {
    done = true;
  });
  for (let n = 0; n < 50; n++) await Promise.resolve();
  return done;
};

describe("the plain object", () => {
  test("is the newest version, and nobody but we see the numbers", async () => {
    const store = open();
    const etag = await update(store, "two", await create(store, "one"));
    expect(plain()).toBe("two");
    expect(await read(open())).toEqual({ text: "two", etag, writer: "two" });
    const names = [];
    for await (const { name } of store.list("", never)) names.push(name);
    expect(names).toEqual([GRAPH]);
    expect(bucket.objects.get(versions()[0] ?? "")?.body).toEqual(bytes("two"));
  });

  test("that was there before is the first version's base: it is content, and is replaced by an update of it", async () => {
    await upload("from before");
    const store = open();
    const before = await read(store);
    expect(before).toMatchObject({ text: "from before" });
    expect(versions()).toEqual([]); // a look writes nothing
    expect((await put(store, "mine", { mode: "create" })).outcome).toBe("conflict");
    await update(store, "mine", before?.etag ?? ("" as ETag));
    expect(await read(store)).toMatchObject({ text: "mine" });
    expect(plain()).toBe("mine");
  });

  test("that somebody uploads is a newer version: the old etag conflicts, with bytes of the same size too", async () => {
    const store = open();
    const first = await create(store, "AAAA");
    await upload("BBBB");
    const theirs = await read(store);
    expect(theirs).toMatchObject({ text: "BBBB", writer: undefined });
    expect((await put(store, "CCCC", { mode: "update", etag: first })).outcome).toBe("conflict");
    expect(plain()).toBe("BBBB");
    await update(store, "CCCC", theirs?.etag ?? first);
    await upload("BBBB"); // the same once more is an upload once more
    expect(await read(store)).toMatchObject({ text: "BBBB" });
  });

  test.each([
    ["with our mirror's mark, and other bytes", "kept-mark"],
    ["copied from another bucket, with its mark", "other-bucket"],
    ["copied from one of our versions, with its mark", "version"],
  ])("uploaded %s, is somebody's too", async (_, how) => {
    const other = createMemoryBucket();
    const theirs = open(createMemoryObjectStore(other));
    await update(theirs, "theirs 2", await create(theirs, "theirs 1"));
    const store = open();
    const etag = await update(store, "two", await create(store, "one"));
    if (how === "kept-mark") await upload("edited", bucket.objects.get(GRAPH)?.metadata);
    if (how === "other-bucket") await upload("theirs 2", other.objects.get(GRAPH)?.metadata);
    if (how === "version") await upload("one", bucket.objects.get(versions()[1] ?? "")?.metadata);
    const expected = { "kept-mark": "edited", "other-bucket": "theirs 2", version: "one" }[how];
    expect(await read(open())).toMatchObject({ text: expected });
    expect(await read(store)).toMatchObject({ text: expected });
    expect((await put(store, "three", { mode: "update", etag })).outcome).toBe("conflict");
  });

  test("that is removed by hand is put back by the next get; a deletion by us stays", async () => {
    const store = open();
    const etag = await create(store, "one");
    bucket.objects.delete(GRAPH);
    expect(await read(store)).toMatchObject({ text: "one", etag });
    expect(plain()).toBe("one");
    await store.delete(GRAPH, never);
    expect(await read(store)).toBeUndefined();
    expect(await create(store, "one")).not.toBe(etag);
  });

  test("is what is left when somebody removes the numbers: they go on from there, and no etag comes back", async () => {
    const store = open();
    const etag = await update(store, "two", await create(store, "one"));
    for (const name of versions()) bucket.objects.delete(name);
    expect(await read(open())).toMatchObject({ text: "two", etag });
    expect(await update(open(), "three", etag)).not.toBe(etag);
    expect(await read(store)).toMatchObject({ text: "three" });
  });

  test("is not replaced by our mirror when somebody uploads between our look and our mirror", async () => {
    const inner = withFaults(raw(), []);
    const first = await create(open(), "one");
    const version = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    inner.play({ on: "put", key: isVersion, kind: "stall", until: version.promise, reached: reached.resolve });
    const putting = put(open(inner), "ours", { mode: "update", etag: first });
    await reached.promise;
    await upload("by hand");
    version.resolve();
    stored(await putting);
    inner.expectAllPlayed();
    expect(plain()).toBe("by hand");
    expect(await read(open())).toMatchObject({ text: "by hand" });
    expect(bucket.objects.get(versions()[0] ?? "")?.body).toEqual(bytes("ours"));
  });
});

describe("a crash, a lost answer, a late request", () => {
  test("dead between the version and its mirror: the save counts, and the next get puts the mirror right", async () => {
    const first = await create(open(), "one");
    expect(await settled(put(dying(), "two", { mode: "update", etag: first }))).toBe(false);
    expect(plain()).toBe("one");
    const next = open();
    expect(await next.head(GRAPH, never)).toMatchObject({ metadata: { "kgsync-write-id": "two" } });
    expect((await put(next, "three", { mode: "update", etag: first })).outcome).toBe("conflict");
    expect(await read(next)).toMatchObject({ text: "two" });
    expect(plain()).toBe("two");
  });

  test("dead between the first version and its mirror: not a first boot any more", async () => {
    expect(await settled(put(dying(), "one", { mode: "create" }))).toBe(false);
    expect(plain()).toBeUndefined();
    expect((await put(open(), "other", { mode: "create" })).outcome).toBe("conflict");
    expect(await read(open())).toMatchObject({ text: "one" });
  });

  test("dead over an upload: it is not taken for a newer one again, after later saves neither", async () => {
    await create(open(), "one");
    await upload("by hand");
    const theirs = await read(open());
    expect(await settled(put(dying(), "two", { mode: "update", etag: theirs?.etag ?? ("" as ETag) }))).toBe(false);
    expect(plain()).toBe("by hand");
    const two = await open().head(GRAPH, never);
    expect(two?.metadata["kgsync-write-id"]).toBe("two");
    expect(await settled(put(dying(), "three", { mode: "update", etag: two?.etag ?? ("" as ETag) }))).toBe(false);
    expect(plain()).toBe("by hand");
    expect(await read(open())).toMatchObject({ text: "three" });
    expect(plain()).toBe("three");
    await upload("by hand"); // once a mirror lay over it, the same upload is a new one
    expect(await read(open())).toMatchObject({ text: "by hand" });
  });

  test("a lost answer of the version is unknown; the write id tells that it was ours", async () => {
    const store = open();
    const first = await create(store, "one");
    const inner = withFaults(raw(), [{ on: "put", key: isVersion, kind: "lost-response" }]);
    const mine = open(inner);
    expect((await put(mine, "two", { mode: "update", etag: first })).outcome).toBe("unknown");
    expect((await mine.head(GRAPH, never))?.metadata["kgsync-write-id"]).toBe("two");
    expect((await put(mine, "two", { mode: "update", etag: first })).outcome).toBe("conflict");
    inner.expectAllPlayed();
  });

  test.each([
    ["the request of the mirror is lost", "lost-request"],
    ["its answer is lost", "lost-response"],
    ["it is denied", "error"],
  ] as const)("%s: the save is stored", async (_, kind) => {
    const first = await create(open(), "one");
    const error = new KgsyncError("bucket-denied", "scripted: denied");
    const inner = withFaults(raw(), [{ on: "put", key: isPlain, kind, error }]);
    await update(open(inner), "two", first);
    inner.expectAllPlayed();
    expect(await read(open())).toMatchObject({ text: "two" });
    expect(plain()).toBe("two");
  });

  test("a listing that fails after the version: unknown, not stored, and not lost either", async () => {
    const first = await create(open(), "one");
    let listings = 0;
    const inner = raw();
    const broken = open({
      ...inner,
      list: (prefix, signal) => {
        listings += 1;
        if (listings === 2) throw new Error("scripted");
        return inner.list(prefix, signal);
      },
    });
    expect((await put(broken, "two", { mode: "update", etag: first })).outcome).toBe("unknown");
    expect(await read(open())).toMatchObject({ text: "two" });
  });

  test("a mirror that arrives late lies behind, and the newest version is read all the same", async () => {
    const first = await create(open(), "one");
    const late = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const inner = withFaults(raw(), [
      { on: "put", key: isPlain, kind: "stall", until: late.promise, reached: reached.resolve },
    ]);
    const slow = put(open(inner), "two", { mode: "update", etag: first });
    await reached.promise;
    const quick = open();
    const two = await quick.head(GRAPH, never);
    await update(quick, "three", two?.etag ?? first);
    expect(plain()).toBe("three");
    late.resolve();
    stored(await slow);
    expect(plain()).toBe("two");
    expect(await quick.head(GRAPH, never)).toMatchObject({ metadata: { "kgsync-write-id": "three" } });
    expect(await read(quick)).toMatchObject({ text: "three" });
    expect(plain()).toBe("three");
  });

  /** Stops just before its version is put, while others put `later` more. */
  const paused = async (later: number) => {
    const quick = open();
    let etag = await create(quick, "first");
    const go = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const inner = withFaults(raw(), [
      { on: "put", key: isVersion, kind: "stall", until: go.promise, reached: reached.resolve },
    ]);
    const slow = put(open(inner), "paused", { mode: "update", etag });
    await reached.promise;
    for (let n = 0; n < later; n++) etag = await update(quick, `later ${n}`, etag);
    const free = versions().length;
    go.resolve();
    return { answer: await slow, free, quick, etag };
  };

  test("a writer paused before its put finds its number taken, as long as it is kept", async () => {
    const { answer, quick, etag } = await paused(5);
    expect(answer.outcome).toBe("conflict");
    expect(await read(quick)).toMatchObject({ text: "later 4", etag });
  });

  test("paused until its number was deleted, it gets it, does not believe that it won, and nobody reads it", async () => {
    const { answer, quick, etag, free } = await paused(40);
    expect(versions().length).toBeGreaterThan(free); // its number was free
    expect(answer.outcome).toBe("unknown");
    expect(await read(quick)).toMatchObject({ text: "later 39", etag });
    expect(plain()).toBe("later 39");
    expect(await read(open())).toMatchObject({ text: "later 39", etag });
    await update(quick, "next", etag);
    expect(versions().length).toBeLessThanOrEqual(free + 1); // and it goes again
  });
});

describe("what a chain takes up", () => {
  const renew = async (store: ObjectStore): Promise<unknown> =>
    stored(await put(store, "held on", { mode: "update", etag: "chain-1" as ETag }, LEASE));

  test("few versions stay, large ones empty, and no etag comes twice", async () => {
    const store = open();
    const large = "x".repeat(100_000);
    const seen = new Set<ETag>();
    let etag = await create(store, large);
    for (let n = 0; n < 100; n++) {
      seen.add(etag);
      etag = await update(store, large, etag);
      expect(seen.has(etag)).toBe(false);
    }
    expect(versions().length).toBeLessThanOrEqual(32);
    expect([...bucket.objects.values()].reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(400_000);
    expect(await read(open())).toMatchObject({ text: large, etag });
  });

  test("a server that denies deleting costs nothing but room", async () => {
    const inner = raw();
    const store = open({ ...inner, delete: () => Promise.reject(new Error("scripted: denied")) });
    let etag = await create(store, "0");
    for (let n = 1; n < 40; n++) etag = await update(store, String(n), etag);
    expect(await read(store)).toMatchObject({ text: "39", etag });
  });

  test.each([
    ["a look", (store: ObjectStore) => store.head(GRAPH, never), ["list", "head"]],
    ["a get", (store: ObjectStore) => store.get(GRAPH, never), ["list", "get"]],
    ["a renewal", renew, ["list", "put", "list"]],
  ])("%s costs what the docs say", async (_, act, cost) => {
    const requests: string[] = [];
    const inner = raw();
    const count = <A extends unknown[], R>(what: string, call: (...args: A) => R) => {
      return (...args: A): R => {
        requests.push(what);
        return call(...args);
      };
    };
    const counted = open({
      ...inner,
      get: count("get", inner.get),
      head: count("head", inner.head),
      list: count("list", inner.list),
      put: count("put", inner.put),
    });
    await create(counted, "one");
    stored(await put(counted, "held", { mode: "create" }, LEASE));
    requests.splice(0);
    await act(counted);
    expect(requests).toEqual(cost);
    requests.splice(0);
    await update(counted, "two", "chain-1" as ETag);
    expect(requests).toEqual(["list", "head", "put", "list", "head", "put"]);
  });
});

describe("two modes on one bucket", () => {
  test("auto refuses a graph that is a mirror, by get and by head, and so never puts it", async () => {
    await create(open(), "one");
    const auto = createAutoModeObjectStore(raw(), new Set([GRAPH]));
    for (const look of [() => auto.get(GRAPH, never), () => auto.head(GRAPH, never)]) {
      await expect(look()).rejects.toMatchObject({
        code: "config-invalid",
        hint: expect.stringContaining("create-only"),
      });
    }
    await upload("by hand");
    expect(await auto.head(GRAPH, never)).toBeDefined();
  });
});
