import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { KEPT, linkVersion } from "../../src/adapters/file-object-store/commit.ts";
import { createFileObjectStore } from "../../src/adapters/file-object-store/file-object-store.ts";
import { headNumber } from "../../src/adapters/file-object-store/head-version.ts";
import { createPlace, type Disk } from "../../src/adapters/file-object-store/place.ts";
import { stageBody, stageRecord } from "../../src/adapters/file-object-store/stage.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { type Key, key } from "../../src/core/key.ts";
import type { ETag } from "../../src/core/version.ts";
import type { Body, ListedObject, ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import { crashingDisk, scriptedDisk, systemError } from "../support/scripted-disk.ts";

const GRAPH = key("folder/graph.json");
const never = (): AbortSignal => new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const options = (writer: string) => ({ contentType: "application/json", metadata: { "kgsync-writer": writer } });

let temp: string;
let root: string;
let store: ObjectStore;

const open = (disk?: Disk): ObjectStore =>
  createFileObjectStore(root, { random: createNodeRandom(), ...(disk === undefined ? {} : { disk }) });
const plain = (name: string = GRAPH): string => join(root, name);
const put = (text: string, mode: PutMode, at: ObjectStore = store, name: Key = GRAPH): Promise<PutOutcome> =>
  at.put(name, bytes(text), mode, options(`writer of ${text}`), never());
const stored = (answer: PutOutcome): ETag => {
  if (answer.outcome !== "stored") throw new Error(`expected stored, got ${answer.outcome}`, { cause: answer });
  return answer.etag;
};
const all = async (at: ObjectStore, prefix = ""): Promise<ListedObject[]> => {
  const rows: ListedObject[] = [];
  for await (const row of at.list(prefix, never())) rows.push(row);
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
};
/** The content by get, after a check that head and list say the same of it. */
const read = async (at: ObjectStore = store, name: Key = GRAPH) => {
  const got = await at.get(name, never());
  const head = await at.head(name, never());
  const row = (await all(at, name)).find((each) => each.name === name);
  if (got === undefined) {
    expect([head, row]).toEqual([undefined, undefined]);
    return undefined;
  }
  expect(head).toEqual({ etag: got.etag, size: got.size, metadata: got.metadata });
  expect(row).toMatchObject({ etag: got.etag, size: got.size });
  return { text: new TextDecoder().decode(got.body), etag: got.etag, writer: got.metadata["kgsync-writer"] };
};

beforeEach(async () => {
  temp = await fs.mkdtemp(join(tmpdir(), "kgsync-file-specific-"));
  root = join(temp, "bucket");
  store = open();
});
afterEach(() => fs.rm(temp, { recursive: true }));

describe("objects are ordinary files", () => {
  test("what is put lies there under its name, and nothing else is shown", async () => {
    stored(await put("content", { mode: "create" }));
    stored(await put("record", { mode: "create" }, store, key(".kgsync/versions/1.json")));
    expect(await fs.readFile(plain(), "utf8")).toBe("content");
    expect((await all(store)).map((row) => row.name)).toEqual([".kgsync/versions/1.json", "folder/graph.json"]);
    expect((await all(store, ".kgsync")).map((row) => row.name)).toEqual([".kgsync/versions/1.json"]);
    for (const prefix of [".kgsync-store", ".kgsync-store/", ".kgsync-store/writes/", "..", "../", "folder/../"]) {
      expect(await all(store, prefix)).toEqual([]);
    }
    expect(await fs.readdir(join(root, "folder"))).toEqual(["graph.json"]);
    expect(await fs.readdir(join(root, ".kgsync-store", "writes"))).toEqual([]);
  });

  test("a missing folder is an empty bucket; only a write makes it, for the owner alone", async () => {
    expect(await read()).toBeUndefined();
    await store.delete(GRAPH, never());
    await expect(fs.stat(root)).rejects.toMatchObject({ code: "ENOENT" });
    root = join(root, "deeper", "still");
    store = open();
    stored(await put("content", { mode: "create" }));
    expect((await fs.stat(root)).mode & 0o777).toBe(0o700);
    expect((await fs.stat(plain())).mode & 0o777).toBe(0o600);
  });

  test("a file's mode is kept, folders are as open as the root", async () => {
    await fs.mkdir(root);
    await fs.chmod(root, 0o2770);
    const first = stored(await put("first", { mode: "create" }));
    expect((await fs.stat(join(root, "folder"))).mode & 0o7777).toBe(0o2770);
    expect((await fs.stat(join(root, ".kgsync-store", "writes"))).mode & 0o7777).toBe(0o2770);
    await fs.chmod(plain(), 0o604);
    stored(await put("second", { mode: "update", etag: first }));
    expect((await fs.stat(plain())).mode & 0o777).toBe(0o604);
  });

  test("many versions leave few files, and their numbers never come back", async () => {
    const seen = new Set<ETag>();
    let etag = stored(await put("same", { mode: "create" }));
    for (let i = 0; i < 4 * KEPT; i++) {
      seen.add(etag);
      if (i % 10 === 9) await store.delete(GRAPH, never());
      etag = stored(await put("same", i % 10 === 9 ? { mode: "create" } : { mode: "update", etag }));
      expect(seen.has(etag)).toBe(false);
    }
    expect((await fs.readdir(createPlace(root, fs).versions(GRAPH))).length).toBeLessThanOrEqual(KEPT);
    expect(await fs.readdir(join(root, ".kgsync-store", "writes"))).toEqual([]);
  });

  test("a listing reads no content, and looks at each file once", async () => {
    await fs.mkdir(join(root, "backups"), { recursive: true });
    await Promise.all(Array.from({ length: 200 }, (_, i) => fs.writeFile(plain(`backups/${i}.json`), "{}")));
    stored(await put("content", { mode: "create" }));
    const calls: string[] = [];
    const watched = open(scriptedDisk({ before: ({ name }) => void calls.push(name) }));
    expect(await all(watched)).toHaveLength(201);
    expect(calls.filter((name) => name === "open" || name === "readFile")).toEqual([]);
    expect(calls.filter((name) => name === "lstat").length).toBeLessThanOrEqual(201);
  });

  test("a large body is read in pieces", async () => {
    const lengths: number[] = [];
    const body: Body = {
      size: 10_000_000,
      read: async (offset, length) => {
        lengths.push(length);
        return new Uint8Array(Math.min(length, 1_000_003)).fill(offset % 251); // less than asked is allowed
      },
    };
    stored(await store.put(GRAPH, body, { mode: "create" }, options("w"), never()));
    expect((await fs.stat(plain())).size).toBe(10_000_000);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(4 << 20);
  });
});

describe("foreign versions: somebody used cp", () => {
  /** Each puts `text` in the file's place in another way. */
  const ways: readonly (readonly [string, (text: string) => Promise<void>])[] = [
    ["cp over it", (text) => fs.writeFile(plain(), text)],
    [
      "mv over it",
      async (text) => {
        await fs.writeFile(join(temp, "other"), text);
        await fs.rename(join(temp, "other"), plain());
      },
    ],
    [
      "rm and cp",
      async (text) => {
        await fs.rm(plain());
        await fs.writeFile(plain(), text);
      },
    ],
  ];

  test.each(ways)(
    "%s, in the same instant and of the same size: it is the content, the old etag conflicts",
    async (_, way) => {
      const first = stored(await put("AAAA", { mode: "create" }));
      await way("BBBB");
      const foreign = await read();
      expect(foreign).toMatchObject({ text: "BBBB", writer: undefined });
      expect(foreign?.etag).not.toBe(first);
      expect((await put("CCCC", { mode: "update", etag: first })).outcome).toBe("conflict");
      expect((await put("CCCC", { mode: "create" })).outcome).toBe("conflict");
      expect(await fs.readFile(plain(), "utf8")).toBe("BBBB");
      stored(await put("CCCC", { mode: "update", etag: foreign?.etag ?? first }));
      expect(await read()).toMatchObject({ text: "CCCC", writer: "writer of CCCC" });
    },
  );

  test("what is put is dated back, so that a cp in the same tick of a coarse clock changes the time", async () => {
    stored(await put("AAAA", { mode: "create" }));
    await fs.writeFile(join(temp, "now"), "");
    const [ours, now] = [await fs.stat(plain()), await fs.stat(join(temp, "now"))];
    expect(now.mtimeMs - ours.mtimeMs).toBeGreaterThan(2_000); // more than FAT's and old NFS servers' tick
  });

  test("putting the version before back by hand is a foreign version, not an unfinished write", async () => {
    const first = stored(await put("old", { mode: "create" }));
    await fs.link(plain(), join(temp, "saved"));
    stored(await put("new", { mode: "update", etag: first }));
    await fs.rename(join(temp, "saved"), plain()); // the very same inode and times
    const back = await read();
    expect(back).toMatchObject({ text: "old" });
    expect(back?.etag).not.toBe(first);
  });

  test("a file that was never put is an object with an etag", async () => {
    await fs.mkdir(join(root, "folder"), { recursive: true });
    await fs.writeFile(plain(), "by hand");
    const foreign = await read();
    expect(foreign).toMatchObject({ text: "by hand", writer: undefined });
    expect((await put("new", { mode: "create" })).outcome).toBe("conflict");
    stored(await put("new", { mode: "update", etag: foreign?.etag ?? ("" as ETag) }));
    expect(await read()).toMatchObject({ text: "new" });
    await fs.writeFile(plain(), "again");
    await store.delete(GRAPH, never());
    expect(await read()).toBeUndefined();
    await expect(fs.stat(plain())).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("removed by hand it is absent; the old etag conflicts, and stays unused", async () => {
    const first = stored(await put("first", { mode: "create" }));
    await fs.rm(plain());
    expect(await read()).toBeUndefined();
    expect((await put("second", { mode: "update", etag: first })).outcome).toBe("conflict");
    expect(stored(await put("first", { mode: "create" }))).not.toBe(first);
  });

  test("metadata counts only for the bytes that it was written with", async () => {
    stored(await put("AAAA", { mode: "create" }));
    await fs.writeFile(plain(), "BBBB");
    expect((await read())?.writer).toBeUndefined();
    await fs.writeFile(plain(), "AAAA");
    expect((await read())?.writer).toBe("writer of AAAA");
    await fs.cp(root, join(temp, "copy"), { recursive: true }); // a bucket that moved to another disk
    root = join(temp, "copy");
    expect(await read(open())).toMatchObject({ text: "AAAA", writer: "writer of AAAA" });
  });

  test("a file put there between the check and the rename stays; our writer is told to look", async () => {
    const first = stored(await put("first", { mode: "create" }));
    const meddled = open(
      scriptedDisk({ after: ({ name }) => (name === "link" ? fs.writeFile(plain(), "by hand") : undefined) }),
    );
    expect((await put("ours", { mode: "update", etag: first }, meddled)).outcome).toBe("unknown");
    expect(await read()).toMatchObject({ text: "by hand", writer: undefined });
    expect(await fs.readdir(join(root, ".kgsync-store", "writes"))).toEqual([]);
  });
});

describe("a crash between any two steps", () => {
  type Act = (at: ObjectStore) => Promise<unknown>;
  const scenarios: readonly (readonly [string, string | undefined, string | undefined, (etag: ETag) => Act])[] = [
    ["create", undefined, "new", () => (at) => put("new", { mode: "create" }, at)],
    ["update", "old", "new", (etag) => (at) => put("new", { mode: "update", etag }, at)],
    ["overwrite", "old", "new", () => (at) => put("new", { mode: "overwrite" }, at)],
    ["delete", "old", undefined, () => (at) => at.delete(GRAPH, never())],
  ];

  /** Returns whether the act came to its end. */
  const crashAt = async (
    step: number,
    before: string | undefined,
    after: string | undefined,
    act: (etag: ETag) => Act,
  ) => {
    root = join(temp, `bucket-${step}`);
    const etag = before === undefined ? ("" as ETag) : stored(await put(before, { mode: "create" }, open()));
    const { disk, calls } = crashingDisk(step);
    const answer: unknown = await act(etag)(open(disk)).catch((error: unknown) => error);
    const ended = calls() <= step;
    const next = open();
    // Whoever comes first finishes or forgets it: a reader, a listing, or a writer.
    const rows = step % 3 === 1 ? await all(next, GRAPH) : undefined;
    if (step % 3 === 2) stored(await put("x", { mode: "overwrite" }, next, key("other")));
    const found = await read(next);
    expect([before, after]).toContain(found?.text);
    if (rows !== undefined) expect(rows.map((row) => row.etag)).toEqual(found === undefined ? [] : [found.etag]);
    if (found !== undefined) expect(found.writer).toBe(`writer of ${found.text}`);
    if (ended) expect(found?.text).toBe(after);
    if (answer instanceof Error && after !== undefined) expect(found?.text).toBe(before);
    // The projection is in step again, and the next writer is not held up.
    expect(await fs.readFile(plain(), "utf8").catch(() => undefined)).toBe(found?.text);
    const mode: PutMode = found === undefined ? { mode: "create" } : { mode: "update", etag: found.etag };
    stored(await put("next", mode, next));
    expect(await read(open())).toMatchObject({ text: "next", writer: "writer of next" });
    return ended;
  };

  test.each(scenarios)("%s: old or new, whole", async (_, before, after, act) => {
    let step = 0;
    while (!(await crashAt(step, before, after, act))) step += 1;
    expect(step).toBeGreaterThan(20); // the script fired: that many places to die at
  });

  test("what somebody put there after the crash stays", async () => {
    const first = stored(await put("first", { mode: "create" }));
    let linked = false;
    const dying = scriptedDisk({
      before: () => {
        if (linked) throw systemError("EIO");
      },
      after: ({ name }) => {
        linked ||= name === "link";
      },
    });
    expect((await put("second", { mode: "update", etag: first }, open(dying))).outcome).toBe("unknown");
    await fs.writeFile(plain(), "by hand");
    expect(await read()).toMatchObject({ text: "by hand", writer: undefined });
  });

  test("a reader that may not write sees the committed version all the same", async () => {
    const first = stored(await put("first", { mode: "create" }));
    let linked = false;
    const dying = scriptedDisk({
      before: () => {
        if (linked) throw systemError("EIO");
      },
      after: ({ name }) => {
        linked ||= name === "link";
      },
    });
    expect((await put("second", { mode: "update", etag: first }, open(dying))).outcome).toBe("unknown");
    const refused = ["rename", "unlink", "rm", "mkdir", "link"];
    const readOnly = scriptedDisk({
      before: ({ name }) => {
        if (refused.includes(name)) throw systemError("EROFS");
      },
    });
    const got = await open(readOnly).get(GRAPH, never());
    expect(got).toMatchObject({ body: bytes("second"), metadata: { "kgsync-writer": "writer of second" } });
    expect(await read()).toMatchObject({ text: "second", etag: got?.etag });
  });

  test("what crashed writers left is removed a day later, what is on its way is not", async () => {
    stored(await put("first", { mode: "create" }));
    const writes = join(root, ".kgsync-store", "writes");
    for (const [id, days] of [
      ["old", 2],
      ["other.gone", 2],
      ["fresh", 0],
    ] as const) {
      await fs.mkdir(join(writes, id));
      await fs.writeFile(join(writes, id, "body"), "half");
      const { mtimeMs } = await fs.stat(join(writes, id));
      await fs.utimes(join(writes, id), mtimeMs / 1000 - days * 86_400, mtimeMs / 1000 - days * 86_400);
    }
    stored(await put("second", { mode: "overwrite" }, open()));
    expect(await fs.readdir(writes)).toEqual(["fresh"]);
  });
});

describe("a writer that was paused", () => {
  test("for as long as its body was read: conflict", async () => {
    const first = stored(await put("first", { mode: "create" }));
    const asked = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const body: Body = {
      size: 4,
      read: async () => {
        asked.resolve();
        await go.promise;
        return bytes("late");
      },
    };
    const late = open().put(GRAPH, body, { mode: "update", etag: first }, options("late"), never());
    await asked.promise;
    for (let i = 0; i < 2 * KEPT; i++) stored(await put(`version ${i}`, { mode: "overwrite" }));
    go.resolve();
    expect((await late).outcome).toBe("conflict");
    expect(await read()).toMatchObject({ text: `version ${2 * KEPT - 1}` });
  });

  test.each([1, KEPT - 1, KEPT, KEPT + 1, 3 * KEPT])(
    "just before its link, while %i others wrote: it does not win",
    async (others) => {
      const first = stored(await put("first", { mode: "create" }));
      const standing = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const paused = scriptedDisk({
        before: async ({ name }) => {
          if (name !== "link") return;
          standing.resolve();
          await go.promise;
        },
      });
      const late = put("late", { mode: "update", etag: first }, open(paused));
      await standing.promise;
      for (let i = 0; i < others; i++) stored(await put(`version ${i}`, { mode: "overwrite" }));
      const before = await read();
      go.resolve();
      expect((await late).outcome).toMatch(others < KEPT ? /^conflict$/ : /^(conflict|unknown)$/);
      expect(await read()).toEqual(before);
      stored(await put("next", { mode: "update", etag: before?.etag ?? first }));
      expect(await read()).toMatchObject({ text: "next" });
    },
  );

  test("whose number was removed links it below the head, where nobody looks", async () => {
    for (let i = 0; i < 2 * KEPT; i++) stored(await put(`version ${i}`, { mode: "overwrite" }));
    const place = createPlace(root, fs);
    const { digest, stamp } = await stageBody(place, "late", bytes("late"), undefined, never());
    const content = { digest, stamp, contentType: "", metadata: {} };
    const record = { id: "late", key: GRAPH, number: 2, replaces: undefined, content };
    await stageRecord(place, record);
    expect(await linkVersion(place, record, place.versions(GRAPH))).toBe("unsure");
    expect(await headNumber(place, GRAPH)).toBe(2 * KEPT);
    expect(await read()).toMatchObject({ text: `version ${2 * KEPT - 1}` });
  });

  test("in a repair of long ago: what was written since stays", async () => {
    const first = stored(await put("first", { mode: "create" }));
    const standing = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const paused = scriptedDisk({
      before: async ({ name, args }) => {
        if ((name !== "rename" && name !== "unlink") || args[0] !== plain()) return;
        standing.resolve();
        await go.promise;
      },
    });
    const deleting = open(paused).delete(GRAPH, never());
    await standing.promise; // committed, and about to take the file away
    expect(await read()).toBeUndefined(); // finished by this reader
    const second = stored(await put("second", { mode: "create" }));
    go.resolve();
    await deleting;
    expect(await read()).toMatchObject({ text: "second", etag: second });
    expect(second).not.toBe(first);
  });

  test("aborted in its link: the outcome is unknown", async () => {
    const abort = new AbortController();
    const linked = Promise.withResolvers<void>();
    const stopped = scriptedDisk({
      before: ({ name }) => (name === "link" ? abort.abort() : undefined),
      after: async ({ name }) => {
        if (name !== "link") return;
        linked.resolve();
        await new Promise(() => {}); // nothing more comes back from this disk
      },
    });
    const answer = await open(stopped).put(GRAPH, bytes("new"), { mode: "create" }, options("w"), abort.signal);
    expect(answer.outcome).toBe("unknown");
    await linked.promise;
    expect(await read()).toMatchObject({ text: "new" });
  });
});

describe("many at once", () => {
  test("RACE over processes: nothing is lost", { timeout: 60_000 }, async () => {
    const program = fileURLToPath(new URL("./file-race-writer.ts", import.meta.url));
    const ends = Array.from({ length: 5 }, async () => {
      const child = spawn(process.execPath, [program, root, "10"], { stdio: ["ignore", "ignore", "inherit"] });
      const [code]: unknown[] = await once(child, "exit");
      return code;
    });
    expect(await Promise.all(ends)).toEqual([0, 0, 0, 0, 0]);
    expect((await read(store, key("counter")))?.text).toBe("50");
  });

  test("readers beside a writer see whole versions with their own metadata", async () => {
    stored(await put("0".repeat(1000), { mode: "create" }));
    let writing = true;
    const writer = async (): Promise<void> => {
      for (let i = 1; i <= 40; i++) stored(await put(String(i % 10).repeat(1000 + i), { mode: "overwrite" }));
      writing = false;
    };
    const reader = async (): Promise<void> => {
      const at = open();
      while (writing) {
        const got = await at.get(GRAPH, never());
        const text = new TextDecoder().decode(got?.body);
        expect(text).toBe((text[0] ?? "absent").repeat(text.length));
        expect(got?.metadata["kgsync-writer"]).toBe(`writer of ${text}`);
      }
    };
    await Promise.all([writer(), reader(), reader()]);
  });

  test.each(["get", "head"] as const)(
    "%s paused before it looks at the file: number, bytes and metadata are of one version",
    async (verb) => {
      const first = stored(await put("first", { mode: "create" }));
      const standing = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      const paused = scriptedDisk({
        before: async ({ name, args }) => {
          if (name !== "lstat" || args[0] !== plain()) return;
          standing.resolve();
          await go.promise;
        },
      });
      const reading = open(paused)[verb](GRAPH, never());
      await standing.promise;
      const second = stored(await put("second", { mode: "update", etag: first }));
      go.resolve();
      expect(await reading).toMatchObject({ etag: second, metadata: { "kgsync-writer": "writer of second" } });
    },
  );

  test("overwrites and deletes at once leave one of them", async () => {
    const acts = Array.from({ length: 24 }, (_, i) =>
      i % 3 === 2 ? open().delete(GRAPH, never()) : put(`version ${i}`, { mode: "overwrite" }, open()).then(stored),
    );
    await Promise.all(acts);
    const found = await read();
    if (found !== undefined) expect(found.writer).toBe(`writer of ${found.text}`);
    expect(await fs.readdir(join(root, ".kgsync-store", "writes"))).toEqual([]);
  });
});

describe("refusals", () => {
  test("links that lead out of the folder are neither followed nor replaced", async () => {
    await fs.mkdir(join(temp, "outside"));
    await fs.writeFile(join(temp, "outside", "secret"), "secret");
    await fs.mkdir(root);
    await fs.symlink(join(temp, "outside"), plain("folder"));
    await fs.symlink(join(temp, "outside", "secret"), plain("link"));
    const denied = { name: "KgsyncError", code: "bucket-denied" };
    for (const name of [key("folder/secret"), key("link")]) {
      await expect(store.get(name, never())).rejects.toMatchObject(denied);
      await expect(store.head(name, never())).rejects.toMatchObject(denied);
      await expect(put("x", { mode: "overwrite" }, store, name)).rejects.toMatchObject(denied);
      await expect(store.delete(name, never())).rejects.toMatchObject(denied);
    }
    expect(await all(store)).toEqual([]);
    await expect(all(store, "folder/")).rejects.toMatchObject(denied);
    expect(await fs.readFile(join(temp, "outside", "secret"), "utf8")).toBe("secret");
    expect(await fs.readdir(join(temp, "outside"))).toEqual(["secret"]);
  });

  test("the store's own folder must not be a link, and takes no keys", async () => {
    const denied = { name: "KgsyncError", code: "bucket-denied" };
    for (const name of [key(".kgsync-store"), key(".kgsync-store/writes/x")]) {
      await expect(put("x", { mode: "create" }, store, name)).rejects.toMatchObject(denied);
    }
    await fs.mkdir(join(temp, "outside"));
    await fs.mkdir(root, { recursive: true });
    await fs.rm(plain(".kgsync-store"), { recursive: true, force: true });
    await fs.symlink(join(temp, "outside"), plain(".kgsync-store"));
    await expect(put("x", { mode: "create" })).rejects.toMatchObject(denied);
    expect(await fs.readdir(join(temp, "outside"))).toEqual([]);
  });

  test("a folder where the file should be, a file where a folder should be", async () => {
    await fs.mkdir(plain(), { recursive: true });
    await fs.writeFile(plain("file"), "x");
    const denied = { name: "KgsyncError", code: "bucket-denied" };
    for (const name of [GRAPH, key("file/below")]) {
      expect(await read(store, name)).toBeUndefined();
      await expect(put("x", { mode: "create" }, store, name)).rejects.toMatchObject(denied);
      expect(await read(store, name)).toBeUndefined();
    }
    root = plain("file");
    await expect(open().get(GRAPH, never())).rejects.toMatchObject({ code: "bucket-missing" });
  });

  test.each([
    ["EACCES", "bucket-denied"],
    ["EROFS", "bucket-denied"],
    ["EPERM", "bucket-denied"],
    ["ENOSPC", "bucket-unavailable"],
    ["EDQUOT", "bucket-unavailable"],
    ["EIO", "bucket-unavailable"],
    ["ESTALE", "bucket-unavailable"],
  ])("%s is %s, names the path, and the old version stays", async (errno, code) => {
    const first = stored(await put("first", { mode: "create" }));
    const broken = open(
      scriptedDisk({
        before: ({ name }) => {
          if (name === "open" || name === "handle.writeFile") throw systemError(errno);
        },
      }),
    );
    const expected = { name: "KgsyncError", code, message: expect.stringContaining(plain()) };
    await expect(put("second", { mode: "update", etag: first }, broken)).rejects.toMatchObject(expected);
    await expect(broken.get(GRAPH, never())).rejects.toMatchObject(expected);
    expect(await read()).toMatchObject({ text: "first", etag: first });
  });

  test("a file system without hard links is refused before anything is stored", async () => {
    const broken = open(
      scriptedDisk({
        before: ({ name }) => {
          if (name === "link") throw systemError("EPERM");
        },
      }),
    );
    await expect(put("x", { mode: "create" }, broken)).rejects.toMatchObject({ code: "bucket-denied" });
    expect(await read()).toBeUndefined();
  });
});
