import { expect, test } from "vitest";
import { createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { createRetryingObjectStore } from "../../../src/adapters/retrying-object-store.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { etag } from "../../../src/core/version.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { type Fault, type FaultyObjectStore, withFaults } from "../../support/faulty-object-store.ts";

const GRAPH = key("graph.json");
const OPTIONS = { contentType: "application/json", metadata: {} };
const random = { fraction: () => 0.5, id: () => "0".repeat(32) };
const never = (): AbortSignal => new AbortController().signal;
const unavailable = (message: string): KgsyncError => new KgsyncError("bucket-unavailable", message);
const denied = new KgsyncError("bucket-denied", "denied");

/** A clock that writes down how long it was asked to sleep, and is awake at once. */
const impatient = (): { readonly clock: Clock; readonly slept: number[] } => {
  const slept: number[] = [];
  const clock = { ...createFakeClock(), sleep: async (ms: number) => void slept.push(ms) };
  return { clock, slept };
};

const stack = (script: readonly Fault[]) => {
  const bucket = createMemoryObjectStore();
  const faulty: FaultyObjectStore = withFaults(bucket, script);
  const { clock, slept } = impatient();
  return { bucket, faulty, slept, store: createRetryingObjectStore(faulty, clock, random) };
};

const names = async (store: ObjectStore, signal = never()): Promise<string[]> => {
  const found: string[] = [];
  for await (const row of store.list("", signal)) found.push(row.name);
  return found;
};

const calls = {
  get: (store: ObjectStore, signal: AbortSignal) => store.get(GRAPH, signal),
  head: (store: ObjectStore, signal: AbortSignal) => store.head(GRAPH, signal),
  list: (store: ObjectStore, signal: AbortSignal) => names(store, signal),
  delete: (store: ObjectStore, signal: AbortSignal) => store.delete(GRAPH, signal),
};
const methods = ["get", "head", "list", "delete"] as const;

test.each(methods)("%s is tried again after what may be tried again, with waits that double", async (on) => {
  const { faulty, slept, store } = stack([
    { on, kind: "lost-request" },
    { on, kind: "lost-response" },
    { on, kind: "error", error: unavailable("503") },
  ]);
  await calls[on](store, never());
  faulty.expectAllPlayed();
  expect(slept).toEqual([100, 200, 400]);
});

test.each(methods)("%s is not tried again when that would change nothing", async (on) => {
  const { faulty, slept, store } = stack([{ on, kind: "error", error: denied }]);
  await expect(calls[on](store, never())).rejects.toBe(denied);
  faulty.expectAllPlayed();
  expect(slept).toEqual([]);
});

test.each(methods)("%s ends with the abort, and with the bucket's last error", async (on) => {
  const abort = new AbortController();
  const clock = createFakeClock();
  const last = unavailable("the last one");
  const faulty = withFaults(createMemoryObjectStore(), [
    { on, kind: "error", error: unavailable("the first") },
    { on, kind: "error", error: last },
    // The attempt that the abort ends has only the abort to tell.
    { on, kind: "stall", until: new Promise(() => {}), reached: () => abort.abort(new Error("deadline")) },
  ]);
  const ended = calls[on](createRetryingObjectStore(faulty, clock, random), abort.signal).catch((error) => error);
  await clock.advance(1_000);
  expect(await ended).toBe(last);
  faulty.expectAllPlayed();
});

test.each(methods)("%s aborted while it waits rejects at once with the error that it waits for", async (on) => {
  const abort = new AbortController();
  const clock = createFakeClock();
  const error = unavailable("503");
  const faulty = withFaults(createMemoryObjectStore(), [{ on, kind: "error", error }]);
  const ended = calls[on](createRetryingObjectStore(faulty, clock, random), abort.signal).catch((thrown) => thrown);
  await clock.advance(0);
  expect(clock.next()).toBe(100);
  abort.abort();
  expect(await ended).toBe(error);
});

test("a listing that breaks in the middle is not begun again: it would name objects twice", async () => {
  const broken = unavailable("broken off");
  let begun = 0;
  const inner: ObjectStore = {
    ...createMemoryObjectStore(),
    list: async function* () {
      begun += 1;
      yield { name: "one", size: 1, etag: etag("1"), modified: 0 };
      throw broken;
    },
  };
  const store = createRetryingObjectStore(inner, impatient().clock, random);
  await expect(names(store)).rejects.toBe(broken);
  expect(begun).toBe(1);
});

test("a listing left early is ended below too", async () => {
  let ended = false;
  const inner: ObjectStore = {
    ...createMemoryObjectStore(),
    list: async function* () {
      try {
        for (;;) yield { name: "one", size: 1, etag: etag("1"), modified: 0 };
      } finally {
        ended = true;
      }
    },
  };
  for await (const _ of createRetryingObjectStore(inner, impatient().clock, random).list("", never())) break;
  expect(ended).toBe(true);
});

test.each([[{ mode: "create" } as const], [{ mode: "update", etag: etag("w1") } as const]])(
  "a put with %o goes through once: its lost answer is unknown, its error stays an error",
  async (mode) => {
    const { bucket, faulty, slept, store } = stack([
      { on: "put", kind: "lost-response" },
      { on: "put", kind: "error", error: unavailable("503") },
    ]);
    const body = new Uint8Array([1]);
    if (mode.mode === "update") await bucket.put(GRAPH, body, { mode: "create" }, OPTIONS, never());
    expect((await store.put(GRAPH, body, mode, OPTIONS, never())).outcome).toBe("unknown");
    await expect(store.put(GRAPH, body, mode, OPTIONS, never())).rejects.toThrow("503");
    faulty.expectAllPlayed();
    expect(slept).toEqual([]);
  },
);

test("an overwrite is tried again until it is known to be stored", async () => {
  const { bucket, faulty, store } = stack([
    { on: "put", kind: "lost-request" },
    { on: "put", kind: "error", error: unavailable("503") },
    { on: "put", kind: "lost-response" },
  ]);
  const answer = await store.put(GRAPH, new Uint8Array([7]), { mode: "overwrite" }, OPTIONS, never());
  faulty.expectAllPlayed();
  expect(answer).toEqual({ outcome: "stored", etag: (await bucket.head(GRAPH, never()))?.etag });
});

test("an overwrite that may have been applied stays unknown, whatever comes after", async () => {
  const { faulty, store } = stack([
    { on: "put", kind: "lost-response" },
    { on: "put", kind: "error", error: denied },
  ]);
  const answer = await store.put(GRAPH, new Uint8Array([7]), { mode: "overwrite" }, OPTIONS, never());
  expect(answer.outcome).toBe("unknown");
  faulty.expectAllPlayed();
});

test("an overwrite that was refused is refused", async () => {
  const { store } = stack([{ on: "put", kind: "error", error: denied }]);
  await expect(store.put(GRAPH, new Uint8Array([7]), { mode: "overwrite" }, OPTIONS, never())).rejects.toBe(denied);
});

test("an overwrite ends with the abort: unknown stays unknown", async () => {
  const abort = new AbortController();
  const clock = createFakeClock();
  const faulty = withFaults(createMemoryObjectStore(), [{ on: "put", kind: "lost-response" }]);
  const store = createRetryingObjectStore(faulty, clock, random);
  const ended = store.put(GRAPH, new Uint8Array([7]), { mode: "overwrite" }, OPTIONS, abort.signal);
  await clock.advance(0);
  abort.abort();
  expect((await ended).outcome).toBe("unknown");
});

test("name and close are the bucket's own", () => {
  let closed = 0;
  const inner = { ...createMemoryObjectStore(), close: () => void closed++ };
  const store = createRetryingObjectStore(inner, createFakeClock(), random);
  expect(store.name).toBe(inner.name);
  store.close();
  expect(closed).toBe(1);
});
