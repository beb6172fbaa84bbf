import { expect, test } from "vitest";
import { createMemoryObjectStore } from "../../src/adapters/memory-object-store.ts";
import { key } from "../../src/core/key.ts";
import type { FileTree } from "../../src/ports/file-tree.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { createAppWorld } from "../support/app-world.ts";

const FILES = 5000;
const LEDGER = "/data/.kgsync/backups.json";
const OPTIONS = { contentType: "application/json", metadata: {} };
const RULES = { backupsLimit: 100_000 };
const nameOf = (n: number): string => `knowledge_graph_2026${String(n).padStart(8, "0")}.json`;

/** A file tree that counts, by what is done to what. */
const counted =
  (counts: Map<string, number>) =>
  (files: FileTree): FileTree => {
    const note = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
    return {
      ...files,
      write: (path, bytes) => {
        note(`write ${path}`);
        return files.write(path, bytes);
      },
      createBelow: (folder, name, bytes) => {
        note("create backup");
        return files.createBelow(folder, name, bytes);
      },
      readBelow: (folder, name) => {
        note("read backup");
        return files.readBelow(folder, name);
      },
      open: (folder, name, stamp) => {
        note("read backup");
        return files.open(folder, name, stamp);
      },
      scan: (folder, limit) => {
        note("scan");
        return files.scan(folder, limit);
      },
    };
  };

/** How many there are at once, at most. */
const createTide = () => {
  let now = 0;
  let most = 0;
  return {
    rise: (): void => {
      most = Math.max(most, ++now);
    },
    fall: (): void => void now--,
    now: () => now,
    most: () => most,
  };
};

test("5,000 backups come down with the ledger written once, and a second start asks for no more than the listing", async () => {
  const world = createAppWorld();
  const bucket = createMemoryObjectStore(world.bucketOf("memory:"));
  const { signal } = new AbortController();
  for (let n = 0; n < FILES; n++)
    await bucket.put(key(`backups/${nameOf(n)}`), Buffer.from(nameOf(n)), { mode: "overwrite" }, OPTIONS, signal);
  const first = new Map<string, number>();
  await world.boot({ rules: RULES, files: counted(first) }).start();
  expect([first.get("create backup"), first.get(`write ${LEDGER}`)]).toEqual([FILES, 1]);

  const second = new Map<string, number>();
  const process = world.boot({ rules: RULES, files: counted(second) });
  await process.start();
  expect(process.requests.filter((request) => request.includes("backup"))).toEqual(["list backups/"]);
  expect([second.get("scan"), second.get("create backup"), second.get("read backup")]).toEqual([
    1,
    undefined,
    undefined,
  ]);
  expect(second.get(`write ${LEDGER}`)).toBeUndefined();
});

test("1,000 backups go up with the ledger written once; what is in step is not read again, nor asked for", async () => {
  const world = createAppWorld();
  for (let n = 0; n < 1000; n++) world.addBackup(nameOf(n), nameOf(n));
  await world.clock.advance(60_000); // older than the granularity of any clock: their stamps prove that they are unchanged
  const first = new Map<string, number>();
  const process = world.boot({ rules: RULES, files: counted(first) });
  await process.start();
  expect(await process.finish()).toMatchObject({ data: "safe", backups: 1000 });
  expect([first.get("read backup"), first.get(`write ${LEDGER}`)]).toEqual([1000, 1]);
  expect(process.requests.filter((request) => request.startsWith("put backups/"))).toHaveLength(1000);

  const second = new Map<string, number>();
  const again = world.boot({ rules: RULES, files: counted(second) });
  await again.start();
  expect(await again.finish()).toMatchObject({ data: "safe", backups: 0 });
  expect(again.requests.filter((request) => request.includes("backup"))).toEqual(["list backups/"]);
  expect([second.get("read backup"), second.get(`write ${LEDGER}`)]).toEqual([undefined, undefined]);
});

test("bodies that are in memory at once are as many as the lanes, whatever the number of files", async () => {
  const world = createAppWorld();
  for (let n = 0; n < 200; n++) await world.upload(`backups/down-${n}.json`, nameOf(n));
  for (let n = 0; n < 200; n++) world.addBackup(`up-${n}.json`, nameOf(n));
  await world.clock.advance(60_000);
  const [down, up] = [createTide(), createTide()];
  const files = (tree: FileTree): FileTree => ({
    ...tree,
    createBelow: (folder, name, bytes) => tree.createBelow(folder, name, bytes).finally(down.fall),
    readBelow: async (folder, name) => {
      up.rise();
      return await tree.readBelow(folder, name);
    },
  });
  const store = (inner: ObjectStore): ObjectStore => ({
    ...inner,
    get: async (name, signal) => {
      if (name.startsWith("backups/")) down.rise();
      return await inner.get(name, signal);
    },
    put: (name, body, mode, options, signal) =>
      inner.put(name, body, mode, options, signal).finally(() => {
        if (name.startsWith("backups/")) up.fall();
      }),
  });
  const process = world.boot({ rules: RULES, files, store });
  await process.start();
  expect([down.most(), down.now()]).toEqual([16, 0]);
  expect(await process.finish()).toMatchObject({ data: "safe", backups: 200 });
  expect(up.most()).toBe(16);
});

test("bodies that are in memory at once have 32 MiB together, but for one that is larger", async () => {
  const world = createAppWorld();
  const bucket = createMemoryObjectStore(world.bucketOf("memory:"));
  const { signal } = new AbortController();
  const MIB = 1024 * 1024;
  const sizes = [40, 12, 12, 12, 12, 1, 1, 20, 33].map((mib) => mib * MIB);
  for (const [n, size] of sizes.entries())
    await bucket.put(key(`backups/${n}`), new Uint8Array(size).fill(n), { mode: "overwrite" }, OPTIONS, signal);
  const held: number[] = [];
  let most = 0;
  const files = (tree: FileTree): FileTree => ({
    ...tree,
    createBelow: (folder, name, bytes) =>
      tree.createBelow(folder, name, bytes).finally(() => held.splice(held.indexOf(bytes.length), 1)),
  });
  const store = (inner: ObjectStore): ObjectStore => ({
    ...inner,
    get: async (name, own) => {
      const object = await inner.get(name, own);
      if (name.startsWith("backups/")) held.push(object?.body.length ?? 0);
      if (held.length > 1)
        most = Math.max(
          most,
          held.reduce((all, each) => all + each),
        );
      return object;
    },
  });
  await world.boot({ rules: RULES, files, store }).start();
  expect(await world.backups().then(Object.keys)).toHaveLength(sizes.length);
  expect([held, most]).toEqual([[], 26 * MIB]);
});
