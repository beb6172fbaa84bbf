import { expect, test } from "vitest";
import { createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { createWatchedObjectStore } from "../../../src/adapters/watched-object-store.ts";
import { graphPlace, includedPlace, isOwnKey, wordForKey } from "../../../src/app/keys.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";

const KEY = key("backups/one.json");
const OPTIONS = { contentType: "application/json", metadata: {} };
const never = (): AbortSignal => new AbortController().signal;

const PLACES = [
  graphPlace("merge-json", key("knowledge_graph.json")),
  includedPlace("merge-jsonl", key("memory.jsonl")),
  includedPlace("replace", key("attachments")),
];

const watched = (differs: Partial<ObjectStore> = {}) => {
  const told: string[] = [];
  const store = createWatchedObjectStore(
    { ...createMemoryObjectStore(), ...differs },
    {
      begin: (what) => {
        told.push(`+${what}`);
        return () => told.push(`-${what}`);
      },
      count: (what, objects, bytes) => told.push(`${what} ${objects} ${bytes}`),
      expect: () => undefined,
      end: () => told.push("end"),
    },
    wordForKey(PLACES),
  );
  return { store, told, heard: () => told.splice(0) };
};

const names = async (store: ObjectStore): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { name } of store.list("", never())) found.push(name);
  return found;
};

test("tells of each call, and of the objects and bytes that it moved", async () => {
  const { store, heard } = watched();
  await store.put(KEY, new Uint8Array(7), { mode: "create" }, OPTIONS, never());
  expect(heard()).toEqual(["+backups", "-backups", "backups 1 7"]);
  await store.get(KEY, never());
  expect(heard()).toEqual(["+backups", "-backups", "backups 1 7"]);
  await store.get(key("knowledge_graph.json"), never());
  expect(heard()).toEqual(["+graph", "-graph", "graph 0 0"]);
  await store.head(KEY, never());
  expect(heard()).toEqual(["+backups", "-backups"]);
  expect(await names(store)).toEqual(["backups/one.json"]);
  expect(heard()).toEqual(["+listing", "listing 1 0", "-listing"]);
  await store.delete(KEY, never());
  expect(heard()).toEqual(["+removing", "-removing", "removing 1 0"]);
  store.close();
  expect(heard()).toEqual(["end"]);
});

test("a body that is read piece by piece is counted as it goes, and a second reading is not counted", async () => {
  const { store, heard } = watched({
    put: async (_key, body) => {
      if (body instanceof Uint8Array) throw new Error("not piece by piece");
      for (const [offset, length] of [
        [0, 4],
        [4, 4],
        [0, 4],
        [4, 6],
      ] as const)
        await body.read(offset, length);
      return { outcome: "conflict" };
    },
  });
  const body = { size: 10, read: async (_offset: number, length: number) => new Uint8Array(length) };
  expect(await store.put(KEY, body, { mode: "create" }, OPTIONS, never())).toEqual({ outcome: "conflict" });
  expect(heard()).toEqual([
    "+backups",
    "backups 0 4",
    "backups 0 4",
    "backups 0 0",
    "backups 0 2",
    "-backups",
    "backups 1 0",
  ]);
});

test("what rejects has ended too, and is not counted", async () => {
  const error = new KgsyncError("bucket-unavailable", "scripted");
  const reject = async (): Promise<never> => {
    throw error;
  };
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next: reject }) });
  const { store, heard } = watched({ get: reject, head: reject, put: reject, delete: reject, list });
  await expect(store.get(KEY, never())).rejects.toBe(error);
  await expect(store.head(KEY, never())).rejects.toBe(error);
  await expect(store.put(KEY, new Uint8Array(1), { mode: "overwrite" }, OPTIONS, never())).rejects.toBe(error);
  await expect(store.delete(KEY, never())).rejects.toBe(error);
  expect(heard()).toEqual([...Array(3).fill(["+backups", "-backups"]).flat(), "+removing", "-removing"]);
  await expect(names(store)).rejects.toBe(error);
  expect(heard()).toEqual(["+listing", "-listing"]);
});

test("a listing that nobody reads to its end has ended too", async () => {
  const { store, heard } = watched();
  for (const name of ["a", "b"]) await store.put(key(name), new Uint8Array(1), { mode: "create" }, OPTIONS, never());
  heard();
  for await (const _ of store.list("", never())) break;
  expect(heard()).toEqual(["+listing", "listing 1 0", "-listing"]);
});

test.each([
  ["my.db", true],
  ["knowledge_graph.json", false],
  ["my.db.bak", false],
  ["memory.jsonl", true],
  ["attachments/a/b.png", true],
  ["attachments2/a", false],
  ["backups/a.json", true],
  [".kgsync/documents/memory.jsonl/versions/1.json", true],
  ["somebody/elses", false],
])("an upload of %s that was left behind is ours: %s", (name, own) => {
  const places = [graphPlace("replace", key("my.db")), ...PLACES.slice(1)];
  expect(isOwnKey(places)(name)).toBe(own);
});

test.each([
  ["knowledge_graph.json", "graph", false],
  ["backups/a/b.json", "backups", true],
  [".kgsync/versions/1.json", "versions", true],
  [".kgsync/conflicts/1.json", "conflicts", true],
  ["memory.jsonl", "memory.jsonl", false],
  [".kgsync/documents/memory.jsonl/versions/1.json", "versions", true],
  ["attachments/a/b.png", "backups", true],
  [".kgsync/probe", "bucket", false],
])("%s is %s to a person", (name, what, many) => {
  expect(wordForKey(PLACES)(name)).toEqual({ what, many });
});
