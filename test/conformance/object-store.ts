import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import { key, parseKey } from "../../src/core/key.ts";
import type { ETag } from "../../src/core/version.ts";
import type { Body, ListedObject, ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";

/** An empty bucket (or prefix). Each `open` is a client that shares nothing with the others but the bucket. */
export type ConformanceBucket = {
  readonly open: () => ObjectStore;
  /** Called after the test, when its clients are closed. */
  readonly dispose?: () => Promise<void>;
};

export type Capabilities = {
  /** Objects in the long listing: more than a page (1,000 on S3) where listings have pages. */
  readonly manyObjects: number;
  /** Bytes of the large body: more than one part where bodies are sent in parts. */
  readonly largeBytes: number;
  /** Rounds of each writer in the race; fewer where a write takes many programs. */
  readonly increments?: number;
};

export const FULL: Capabilities = { manyObjects: 1_100, largeBytes: 20 * 1024 * 1024 };

const WRITERS = 5;
const INCREMENTS = 10;
const PLAIN = { contentType: "application/octet-stream", metadata: {} };
const TIMEOUT = 120_000;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (body: Uint8Array | undefined): string | undefined =>
  body === undefined ? undefined : new TextDecoder().decode(body);
const never = (): AbortSignal => new AbortController().signal;

/** Bytes without a pattern, all values among them; the same for the same seed. */
const noise = (length: number, seed: number): Uint8Array => {
  const out = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state;
  }
  return out;
};

const byPosition = (content: Uint8Array): Body => ({
  size: content.length,
  read: async (offset, length) => content.slice(offset, offset + length),
});

const stored = (answer: PutOutcome): ETag => {
  if (answer.outcome !== "stored") throw new Error(`expected stored, got ${answer.outcome}`, { cause: answer });
  return answer.etag;
};

const all = async (store: ObjectStore, prefix: string): Promise<ListedObject[]> => {
  const rows: ListedObject[] = [];
  for await (const row of store.list(prefix, never())) rows.push(row);
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Adds one to the counter, whatever the others do; returns how often it lost. */
const increment = async (store: ObjectStore, id: string): Promise<number> => {
  const counter = key("counter");
  for (let lost = 0; ; lost++) {
    const before = await store.get(counter, never());
    const count = Number(textOf(before?.body) ?? "0");
    const mode: PutMode = before === undefined ? { mode: "create" } : { mode: "update", etag: before.etag };
    const options = { contentType: "text/plain", metadata: { "kgsync-write": `${id}-${lost}` } };
    const answer = await store.put(counter, bytes(String(count + 1)), mode, options, never());
    if (answer.outcome === "stored") return lost;
    if (answer.outcome === "conflict") continue;
    const after = await store.get(counter, never());
    if (after?.metadata["kgsync-write"] === `${id}-${lost}`) return lost;
    if (after?.etag !== before?.etag) throw new Error("an unknown outcome that cannot be made out", { cause: answer });
  }
};

/**
 * What docs of the port promise, as tests, the same for every store. `makeBucket` gives a fresh, empty bucket each time.
 * Nothing is assumed of etags but that they tell versions of different bytes apart.
 */
export const objectStoreConformance = (
  name: string,
  makeBucket: () => Promise<ConformanceBucket>,
  capabilities: Capabilities = FULL,
): void => {
  describe(`object store: ${name}`, () => {
    let bucket: ConformanceBucket;
    let store: ObjectStore;
    let clients: ObjectStore[] = [];
    const open = (): ObjectStore => {
      const client = bucket.open();
      clients.push(client);
      return client;
    };
    const create = (name: string, text: string): Promise<PutOutcome> =>
      store.put(key(name), bytes(text), { mode: "create" }, PLAIN, never());
    const contentOf = async (name: string): Promise<string | undefined> =>
      textOf((await store.get(key(name), never()))?.body);

    beforeEach(async () => {
      bucket = await makeBucket();
      clients = [];
      store = open();
    });
    afterEach(async () => {
      for (const client of clients) {
        client.close();
        client.close(); // the port allows it
      }
      await bucket.dispose?.();
    });

    const increments = capabilities.increments ?? INCREMENTS;
    test(`RACE: five writers add one ${increments} times each, and nothing is lost`, { timeout: TIMEOUT }, async () => {
      const writers = Array.from({ length: WRITERS }, async (_, writer) => {
        const client = open();
        for (let i = 0; i < increments; i++) await increment(client, `${writer}-${i}`);
      });
      await Promise.all(writers);
      expect(await contentOf("counter")).toBe(String(WRITERS * increments));
    });

    test("of concurrent creates exactly one is stored, and its bytes stay", { timeout: TIMEOUT }, async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          open().put(key("one"), bytes(`writer ${i}`), { mode: "create" }, PLAIN, never()),
        ),
      );
      const winners = answers.flatMap((answer, i) => (answer.outcome === "stored" ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(answers.filter((answer) => answer.outcome === "conflict")).toHaveLength(7);
      expect(await contentOf("one")).toBe(`writer ${winners[0]}`);
    });

    test("of concurrent updates of one version exactly one is stored", { timeout: TIMEOUT }, async () => {
      const first = stored(await create("one", "first"));
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          open().put(key("one"), bytes(`writer ${i}`), { mode: "update", etag: first }, PLAIN, never()),
        ),
      );
      const winners = answers.flatMap((answer, i) => (answer.outcome === "stored" ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(answers.filter((answer) => answer.outcome === "conflict")).toHaveLength(7);
      expect(await contentOf("one")).toBe(`writer ${winners[0]}`);
    });

    test("what is absent is undefined, in no listing, and no error to delete", async () => {
      expect(await store.get(key("absent"), never())).toBeUndefined();
      expect(await store.head(key("absent"), never())).toBeUndefined();
      expect(await store.get(key("no", "such", "folder"), never())).toBeUndefined();
      expect(await all(store, "")).toEqual([]);
      expect(await all(store, "no/such/")).toEqual([]);
      await store.delete(key("absent"), never());
    });

    test("create on an existing key: conflict, and the content is kept", async () => {
      const first = stored(await create("one", "first"));
      expect((await create("one", "second")).outcome).toBe("conflict");
      expect(await store.get(key("one"), never())).toMatchObject({ body: bytes("first"), etag: first });
    });

    test("update with the etag of an older version: conflict, and the content is kept", async () => {
      const first = stored(await create("one", "first"));
      const update = (text: string, etag: ETag) =>
        store.put(key("one"), bytes(text), { mode: "update", etag }, PLAIN, never());
      const second = stored(await update("second", first));
      expect(second).not.toBe(first);
      expect((await update("third", first)).outcome).toBe("conflict");
      expect(await store.get(key("one"), never())).toMatchObject({ body: bytes("second"), etag: second });
    });

    test("update of an absent or a deleted key: conflict, and it stays absent", async () => {
      const first = stored(await create("one", "first"));
      await store.delete(key("one"), never());
      for (const gone of [key("one"), key("never")]) {
        const answer = await store.put(gone, bytes("second"), { mode: "update", etag: first }, PLAIN, never());
        expect(answer.outcome).toBe("conflict");
        expect(await store.get(gone, never())).toBeUndefined();
      }
    });

    test("overwrite stores over anything, over nothing too", async () => {
      const over = (text: string) => store.put(key("one"), bytes(text), { mode: "overwrite" }, PLAIN, never());
      stored(await over("first"));
      const second = stored(await over("second"));
      expect(await store.get(key("one"), never())).toMatchObject({ body: bytes("second"), etag: second });
    });

    test("put, get, head and list name a version by one etag and size, for every client", async () => {
      const other = open();
      let etag = stored(await create("folder/one", "first"));
      for (const text of ["first", "the second one", ""]) {
        if (text !== "first") {
          etag = stored(await store.put(key("folder/one"), bytes(text), { mode: "update", etag }, PLAIN, never()));
        }
        for (const client of [store, other]) {
          const got = await client.get(key("folder/one"), never());
          const size = bytes(text).length;
          expect(textOf(got?.body)).toBe(text);
          expect(got).toMatchObject({ etag, size });
          expect(await client.head(key("folder/one"), never())).toMatchObject({ etag, size });
          const rows = await all(client, "folder/");
          expect(rows).toMatchObject([{ name: "folder/one", etag, size }]);
          expect(rows[0]?.modified).toEqual(expect.any(Number));
        }
      }
    });

    test("the same bytes written again leave an etag that works", async () => {
      let etag = stored(await create("one", "same"));
      for (let i = 0; i < 3; i++) {
        etag = stored(await store.put(key("one"), bytes("same"), { mode: "update", etag }, PLAIN, never()));
        expect((await store.head(key("one"), never()))?.etag).toBe(etag);
      }
    });

    test("a deleted key is absent, can be deleted again and created again", async () => {
      stored(await create("folder/one", "first"));
      await store.delete(key("folder/one"), never());
      await store.delete(key("folder/one"), never());
      expect(await contentOf("folder/one")).toBeUndefined();
      expect(await store.head(key("folder/one"), never())).toBeUndefined();
      expect(await all(store, "")).toEqual([]);
      const again = stored(await create("folder/one", "again"));
      expect(await store.get(key("folder/one"), never())).toMatchObject({ body: bytes("again"), etag: again });
    });

    test("bodies come back exact: empty, every byte value, no text", async () => {
      const bodies = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, i) => i),
        bytes("\ufeff\r\n\0 é"),
        noise(70_001, 7),
      ];
      for (const [i, body] of bodies.entries()) {
        stored(await store.put(key(`b${i}`), body, { mode: "create" }, PLAIN, never()));
        stored(await store.put(key(`p${i}`), byPosition(body), { mode: "create" }, PLAIN, never()));
        for (const each of [`b${i}`, `p${i}`]) {
          const got = await store.get(key(each), never());
          expect(got?.size).toBe(body.length);
          expect(Buffer.compare(got?.body ?? bytes("absent"), body)).toBe(0);
        }
      }
    });

    test("what was given and got is the caller's: changing it later changes nothing", async () => {
      const mine = bytes("first");
      stored(await store.put(key("one"), mine, { mode: "create" }, PLAIN, never()));
      mine.fill(0);
      (await store.get(key("one"), never()))?.body.fill(0);
      expect(await contentOf("one")).toBe("first");
    });

    test.each([
      ["in memory", (content: Uint8Array): Body => content],
      ["by position", byPosition],
    ])("a large body %s, created, overwritten and updated", { timeout: TIMEOUT }, async (_, asBody) => {
      const [one, two, three] = [1, 2, 3].map((seed) => noise(capabilities.largeBytes, seed));
      if (one === undefined || two === undefined || three === undefined) throw new Error("three bodies");
      const put = (content: Uint8Array, mode: PutMode) =>
        store.put(key("large"), asBody(content), mode, PLAIN, never());
      const check = async (content: Uint8Array, etag: ETag): Promise<void> => {
        const got = await store.get(key("large"), never());
        expect(got).toMatchObject({ size: content.length, etag });
        expect(Buffer.compare(got?.body ?? new Uint8Array(0), content)).toBe(0);
      };
      await check(one, stored(await put(one, { mode: "create" })));
      expect((await put(two, { mode: "create" })).outcome).toBe("conflict");
      const second = stored(await put(two, { mode: "overwrite" }));
      await check(two, second);
      const third = stored(await put(three, { mode: "update", etag: second }));
      await check(three, third);
      expect((await put(one, { mode: "update", etag: second })).outcome).toBe("conflict");
      await check(three, third);
    });

    test("an object above the limit comes without its bytes, which are then brought by position", {
      timeout: TIMEOUT,
    }, async () => {
      const content = noise(capabilities.largeBytes, 3);
      const large = key("large");
      const metadata = { "kgsync-write": "1" };
      const etag = stored(
        await store.put(large, byPosition(content), { mode: "create" }, { ...PLAIN, metadata }, never()),
      );
      expect(await store.peek(key("absent"), 1, never())).toBeUndefined();
      const whole = await store.peek(large, content.length, never());
      expect(Buffer.from(whole?.body ?? []).equals(content)).toBe(true);
      const meta = await store.peek(large, content.length - 1, never());
      expect([meta?.body, meta?.etag, meta?.size, meta?.metadata]).toEqual([undefined, etag, content.length, metadata]);
      const came = new Uint8Array(content.length);
      const target = async (offset: number, piece: Uint8Array): Promise<void> => came.set(piece, offset);
      const version = { etag, size: content.length };
      expect(await store.fetch(large, version, target, never())).toBe("whole");
      expect(Buffer.from(came).equals(content)).toBe(true);
    });

    test("only the version that was asked for is brought", async () => {
      const old = stored(await create("moves", "one"));
      stored(await store.put(key("moves"), bytes("two"), { mode: "overwrite" }, PLAIN, never()));
      const target = async (): Promise<void> => undefined;
      expect(await store.fetch(key("moves"), { etag: old, size: 3 }, target, never())).toBe("changed");
      await store.delete(key("moves"), never());
      expect(await store.fetch(key("moves"), { etag: old, size: 3 }, target, never())).toBe("changed");
    });

    test("a target that fails is the end, with its own error", async () => {
      const etag = stored(await create("full", "text"));
      const full = new KgsyncError("disk", "scripted: no space");
      const target = (): Promise<void> => Promise.reject(full);
      await expect(store.fetch(key("full"), { etag, size: 4 }, target, never())).rejects.toBe(full);
    });

    test("metadata comes back with the version that it was written with", async () => {
      const visible = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join("");
      const metadata = {
        "kgsync-sha256": "a".repeat(64),
        "kgsync-ancestors": Array.from({ length: 24 }, (_, i) => i.toString(16).padStart(16, "0")).join(","),
        "kgsync-any": visible,
        "kgsync-words": 'a b, c; d="e"',
        "kgsync-long": "x".repeat(800),
      };
      const options = { contentType: "application/json", metadata };
      const first = stored(await store.put(key("one"), bytes("{}"), { mode: "create" }, options, never()));
      expect((await store.get(key("one"), never()))?.metadata).toEqual(metadata);
      expect((await open().head(key("one"), never()))?.metadata).toEqual(metadata);
      const fewer = { contentType: "application/json", metadata: { "kgsync-writer": "w" } };
      const second = stored(await store.put(key("one"), bytes("{ }"), { mode: "update", etag: first }, fewer, never()));
      expect(await store.head(key("one"), never())).toMatchObject({ etag: second, metadata: { "kgsync-writer": "w" } });
      expect(Object.keys((await store.get(key("one"), never()))?.metadata ?? {})).toEqual(["kgsync-writer"]);
      stored(await store.put(key("one"), bytes("{  }"), { mode: "update", etag: second }, PLAIN, never()));
      expect((await store.head(key("one"), never()))?.metadata).toEqual({});
    });

    test("names with anything in them are one name for put, get, list and delete", async () => {
      const names = [
        "a b/c  d.json",
        "plus+plus",
        "per%cent %41 %2F",
        "a&b=c?d#e;f",
        "ünï/日本語/🙂.json",
        "quo'te\"s <x> [y] {z} |~^`",
        "dot.dot/..hidden/...",
        "trailing ",
        ".kgsync/versions/0123.json",
        "*",
      ];
      for (const each of names) {
        expect(parseKey(each), each).toBeDefined();
        stored(await create(each, `content of ${each}`));
      }
      expect((await all(store, "")).map((row) => row.name)).toEqual([...names].sort());
      for (const each of names) {
        expect(await contentOf(each)).toBe(`content of ${each}`);
        expect((await all(store, each)).map((row) => row.name)).toContain(each);
      }
      for (const each of names) await store.delete(key(each), never());
      expect(await all(store, "")).toEqual([]);
    });

    test("a listing's prefix is a text, not a folder", async () => {
      const names = [
        "backups/20260101.json",
        "backups/20260102/info.txt",
        "backups.txt",
        "back",
        "graph.json",
        "x/backups/y",
      ];
      for (const each of names) stored(await create(each, each));
      const listed = async (prefix: string): Promise<string[]> => (await all(store, prefix)).map((row) => row.name);
      expect(await listed("")).toEqual([...names].sort());
      expect(await listed("back")).toEqual([
        "back",
        "backups.txt",
        "backups/20260101.json",
        "backups/20260102/info.txt",
      ]);
      expect(await listed("backups/")).toEqual(["backups/20260101.json", "backups/20260102/info.txt"]);
      expect(await listed("backups/20260102")).toEqual(["backups/20260102/info.txt"]);
      expect(await listed("backups/20260101.json")).toEqual(["backups/20260101.json"]);
      expect(await listed("ackups")).toEqual([]);
      expect(await listed("graph.json/")).toEqual([]);
    });

    test("a long listing names every object once", { timeout: TIMEOUT }, async () => {
      const names = Array.from({ length: capabilities.manyObjects }, (_, i) => `many/${String(i).padStart(5, "0")}`);
      const left = [...names];
      const work = async (): Promise<void> => {
        for (let each = left.pop(); each !== undefined; each = left.pop()) stored(await create(each, each));
      };
      await Promise.all(Array.from({ length: 16 }, work));
      expect((await all(store, "many/")).map((row) => row.name)).toEqual(names);
      // Left early, a listing holds nothing back from closing.
      for await (const row of store.list("many/", never())) {
        expect(row.name.startsWith("many/")).toBe(true);
        break;
      }
    });

    test("an aborted signal: every call rejects with a KgsyncError, or a put with unknown; nothing happens later", async () => {
      const first = stored(await create("kept", "kept"));
      const signal = AbortSignal.abort();
      const put = (name: string, mode: PutMode): Promise<PutOutcome | KgsyncError> =>
        store.put(key(name), bytes("late"), mode, PLAIN, signal).catch((error: KgsyncError) => error);
      for (const answer of [
        await put("late", { mode: "create" }),
        await put("kept", { mode: "update", etag: first }),
        await put("kept", { mode: "overwrite" }),
      ]) {
        if (!(answer instanceof KgsyncError)) expect(answer.outcome).toBe("unknown");
        else expect(answer.code).toBe("bucket-unavailable");
      }
      const unavailable = { name: "KgsyncError", code: "bucket-unavailable" };
      await expect(store.get(key("kept"), signal)).rejects.toMatchObject(unavailable);
      await expect(store.head(key("kept"), signal)).rejects.toMatchObject(unavailable);
      await expect(store.delete(key("kept"), signal)).rejects.toMatchObject(unavailable);
      await expect(store.list("", signal)[Symbol.asyncIterator]().next()).rejects.toMatchObject(unavailable);
      // A later call of the same client is behind whatever the aborted ones might still do.
      stored(await create("after", "after"));
      expect((await all(store, "")).map((row) => row.name)).toEqual(["after", "kept"]);
      expect(await store.get(key("kept"), never())).toMatchObject({ body: bytes("kept"), etag: first });
    });

    test("a put aborted while its body is read ends at once and stores nothing", { timeout: TIMEOUT }, async () => {
      const abort = new AbortController();
      const asked = Promise.withResolvers<void>();
      const body: Body = {
        size: 100,
        read: () => {
          asked.resolve();
          return new Promise(() => {}); // a disk that does not answer
        },
      };
      const putting = store
        .put(key("late"), body, { mode: "create" }, PLAIN, abort.signal)
        .catch((error: KgsyncError) => error);
      await asked.promise;
      abort.abort();
      const answer = await putting;
      if (answer instanceof KgsyncError) expect(answer.code).toBe("bucket-unavailable");
      else expect(answer.outcome).toBe("unknown");
      expect(await contentOf("late")).toBeUndefined();
      expect(await all(store, "")).toEqual([]);
    });

    test("a body that cannot be read is an error, and stores nothing", async () => {
      const body: Body = {
        size: 100,
        read: async () => {
          throw new KgsyncError("disk", "scripted: the file cannot be read");
        },
      };
      const answer = store.put(key("one"), body, { mode: "create" }, PLAIN, never());
      await expect(answer).rejects.toMatchObject({ name: "KgsyncError", code: "disk" });
      expect(await contentOf("one")).toBeUndefined();
    });
  });
};
