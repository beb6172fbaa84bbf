import { expect, test } from "vitest";
import { createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { createMeteredObjectStore } from "../../../src/adapters/metered-object-store.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import type { Happening } from "../../../src/core/monitor/happening.ts";
import { etag } from "../../../src/core/version.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

const KEY = key("graph.json");
const OPTIONS = { contentType: "application/json", metadata: {} };
const BODY = new Uint8Array(7);
const never = (): AbortSignal => new AbortController().signal;

const metered = (differs: Partial<ObjectStore> = {}) => {
  const told: Happening[] = [];
  const clock = createFakeClock();
  const inner = { ...createMemoryObjectStore(), ...differs };
  return { told, clock, store: createMeteredObjectStore(inner, clock, { note: (one) => told.push(one) }) };
};

const names = async (store: ObjectStore): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const { name } of store.list("", never())) found.push(name);
  return found;
};

test("tells of each call what came of it, and the bytes that went either way", async () => {
  const { store, told } = metered();
  expect(await store.get(KEY, never())).toBeUndefined();
  expect(await store.head(KEY, never())).toBeUndefined();
  expect(await store.put(KEY, BODY, { mode: "create" }, OPTIONS, never())).toMatchObject({ outcome: "stored" });
  expect(await store.put(KEY, BODY, { mode: "create" }, OPTIONS, never())).toEqual({ outcome: "conflict" });
  expect((await store.get(KEY, never()))?.body).toEqual(BODY);
  expect((await store.head(KEY, never()))?.size).toBe(7);
  expect(await names(store)).toEqual(["graph.json"]);
  await store.delete(KEY, never());
  const row = (operation: string, outcome: string, sent = 0, received = 0) => ({
    type: "request",
    operation,
    outcome,
    sent,
    received,
    ms: 0,
  });
  expect(told).toEqual([
    row("get", "absent"),
    row("head", "absent"),
    row("put", "ok", 7),
    row("put", "conflict", 7),
    row("get", "ok", 0, 7),
    row("head", "ok"),
    row("list", "ok"),
    row("delete", "ok"),
  ]);
});

test.each([
  ["bucket-denied", "denied"],
  ["bucket-missing", "missing"],
  ["bucket-unavailable", "unavailable"],
  ["store-unsafe", "unsafe"],
  ["disk", "error"],
] as const)("a call that rejects with %s is %s, and rejects all the same", async (code, outcome) => {
  const error = new KgsyncError(code, "scripted");
  const reject = async (): Promise<never> => {
    throw error;
  };
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next: reject }) });
  const { store, told } = metered({ get: reject, head: reject, put: reject, delete: reject, list });
  await expect(store.get(KEY, never())).rejects.toBe(error);
  await expect(store.head(KEY, never())).rejects.toBe(error);
  await expect(store.put(KEY, BODY, { mode: "overwrite" }, OPTIONS, never())).rejects.toBe(error);
  await expect(store.delete(KEY, never())).rejects.toBe(error);
  await expect(names(store)).rejects.toBe(error);
  expect(told.map((one) => one.type === "request" && one.outcome)).toEqual(Array(5).fill(outcome));
});

test("what we ended ourselves is no outage", async () => {
  const over = new AbortController();
  over.abort();
  const { store, told } = metered();
  await expect(store.get(KEY, over.signal)).rejects.toMatchObject({ code: "bucket-unavailable" });
  expect(told).toMatchObject([{ outcome: "aborted" }]);
});

test("a lost answer is told as one, and time is taken from the call to its end", async () => {
  const { store, told, clock } = metered({
    put: async () => {
      await clock.sleep(250);
      return { outcome: "unknown", cause: undefined };
    },
  });
  const put = store.put(KEY, BODY, { mode: "update", etag: etag('"1"') }, OPTIONS, never());
  await clock.advance(250);
  expect(await put).toMatchObject({ outcome: "unknown" });
  expect(told).toMatchObject([{ operation: "put", outcome: "unknown", ms: 250 }]);
});

test("a listing that nobody reads to its end is one request too", async () => {
  const { store, told } = metered();
  await store.put(key("a"), BODY, { mode: "create" }, OPTIONS, never());
  await store.put(key("b"), BODY, { mode: "create" }, OPTIONS, never());
  for await (const _ of store.list("", never())) break;
  expect(told.at(-1)).toMatchObject({ operation: "list", outcome: "ok" });
});
