import { expect, test } from "vitest";
import { createMemoryObjectStore } from "../../../src/adapters/memory-object-store.ts";
import { KgsyncError } from "../../../src/core/errors.ts";
import { key } from "../../../src/core/key.ts";
import { withFaults } from "../../support/faulty-object-store.ts";

// The faults are what other tests stand on: each must do what it says.
const ONE = key("one");
const OPTIONS = { contentType: "text/plain", metadata: {} };
const never = (): AbortSignal => new AbortController().signal;
const body = new Uint8Array([1]);

test("lost-request: nothing arrives; lost-response: it was applied; to the writer both are unknown", async () => {
  const bucket = createMemoryObjectStore();
  const store = withFaults(bucket, [
    { on: "put", kind: "lost-request" },
    { on: "put", kind: "lost-response" },
  ]);
  expect((await store.put(ONE, body, { mode: "create" }, OPTIONS, never())).outcome).toBe("unknown");
  expect(await bucket.head(ONE, never())).toBeUndefined();
  expect((await store.put(ONE, body, { mode: "create" }, OPTIONS, never())).outcome).toBe("unknown");
  expect(await bucket.head(ONE, never())).toBeDefined();
  expect((await store.put(ONE, body, { mode: "create" }, OPTIONS, never())).outcome).toBe("conflict");
  store.expectAllPlayed();
});

test("a fault waits for its method and key; one that never fired fails the test", async () => {
  const error = new KgsyncError("bucket-denied", "scripted");
  const store = withFaults(createMemoryObjectStore(), [
    { on: "get", key: "two", kind: "error", error },
    { on: "head", key: (name) => name.startsWith("t"), kind: "error", error },
  ]);
  expect(await store.get(ONE, never())).toBeUndefined();
  expect(await store.head(ONE, never())).toBeUndefined();
  expect(store.expectAllPlayed).toThrow("never fired");
  await expect(store.get(key("two"), never())).rejects.toBe(error);
  await expect(store.head(key("three"), never())).rejects.toBe(error);
  store.expectAllPlayed();
  store.play({ on: "put", kind: "error", error });
  await expect(store.put(ONE, body, { mode: "create" }, OPTIONS, never())).rejects.toBe(error);
});

test("stall: the request leaves when it may, or never when it is aborted first", async () => {
  const bucket = createMemoryObjectStore();
  const go = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const abort = new AbortController();
  const store = withFaults(bucket, [
    { on: "put", kind: "stall", until: go.promise, reached: reached.resolve },
    { on: "put", kind: "stall", until: new Promise(() => {}), reached: () => abort.abort() },
  ]);
  const first = store.put(ONE, body, { mode: "create" }, OPTIONS, never());
  await reached.promise;
  expect(await bucket.head(ONE, never())).toBeUndefined();
  go.resolve();
  expect((await first).outcome).toBe("stored");
  const second = await store.put(ONE, new Uint8Array(0), { mode: "overwrite" }, OPTIONS, abort.signal);
  expect(second.outcome).toBe("unknown");
  expect((await bucket.head(ONE, never()))?.size).toBe(1);
});
