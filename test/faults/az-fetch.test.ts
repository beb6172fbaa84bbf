import { describe, expect, onTestFinished, test } from "vitest";
import type { AzOptions } from "../../src/adapters/az-object-store/az-options.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { azStoreOn } from "../support/azure.ts";
import { type AzAnswer, type AzScript, startAzScript } from "../support/start-az-script.ts";

const LARGE = key("graph.json");
const MIB = 1024 * 1024;
const SIZE = 40 * MIB; // three ranges
const VERSION = { etag: etag('"0x1"'), size: SIZE };
const never = new AbortController().signal;
const clock = { ...createSystemClock(), sleep: async (): Promise<void> => undefined };
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer);

const whole: AzAnswer = { blob: content, etag: VERSION.etag };
const is = (status: number, code: string): AzAnswer => ({ status, code });
/** Ends the stalls. */
const SILENCE = { requestTimeoutMs: 2_000 };
const discard = async (): Promise<void> => undefined;

const script = async (
  answers: readonly AzAnswer[],
  more: Partial<AzOptions> = {},
): Promise<{ readonly server: AzScript; readonly store: ObjectStore }> => {
  const server = await startAzScript(...answers);
  const store = azStoreOn("container", server.env, { clock, ...more });
  onTestFinished(async () => {
    store.close();
    await server.close();
  });
  return { server, store };
};

const fetching = async (store: ObjectStore) => {
  const came = Buffer.alloc(SIZE);
  let largest = 0;
  const target = async (at: number, bytes: Uint8Array): Promise<void> => {
    came.set(bytes, at);
    largest = Math.max(largest, bytes.length);
  };
  const ended = await store.fetch(LARGE, VERSION, target, never);
  expect(largest).toBeLessThanOrEqual(MIB);
  return { ended, isWhole: came.equals(content) };
};

describe("fetch", () => {
  test("ranges of 16 MiB, each on the condition that the ETag is the same", async () => {
    const { server, store } = await script([whole, whole, whole]);
    expect(await fetching(store)).toEqual({ ended: "whole", isWhole: true });
    expect(server.requests.map(({ headers }) => headers["x-ms-range"])).toEqual([
      `bytes=0-${16 * MIB - 1}`,
      `bytes=${16 * MIB}-${32 * MIB - 1}`,
      `bytes=${32 * MIB}-${SIZE - 1}`,
    ]);
    for (const { headers } of server.requests) expect(headers["if-match"]).toBe(VERSION.etag);
  });

  test.each<[string, AzAnswer]>([
    ["silent", "silent"],
    ["silent in the middle", { blob: content, etag: VERSION.etag, breaks: "silent" }],
  ])("a range that is %s is given up, and asked for again", async (_, answer) => {
    // A busy machine may seem silent too: more requests are no fault.
    const { store } = await script([whole, answer, ...Array.from({ length: 9 }, () => whole)], SILENCE);
    expect(await fetching(store)).toEqual({ ended: "whole", isWhole: true });
  });

  test.each<[string, AzAnswer]>([
    ["cut short", { blob: content, etag: VERSION.etag, breaks: "cut" }],
    ["reset", "reset"],
    ["busy", is(503, "ServerBusy")],
    ["throttled", is(429, "TooManyRequests")],
  ])("a range that is %s: only that range is asked for again", async (_, answer) => {
    const { server, store } = await script([whole, answer, whole, whole]);
    expect(await fetching(store)).toEqual({ ended: "whole", isWhole: true });
    expect(server.requests).toHaveLength(4);
  });

  test("what came of a broken range is not asked for again", async () => {
    const { server, store } = await script([{ blob: content, etag: VERSION.etag, breaks: "cut" }, whole, whole, whole]);
    await fetching(store);
    expect(new Set(server.requests.map(({ headers }) => headers["x-ms-range"])).size).toBe(4);
  });

  test.each<[string, AzAnswer]>([
    ["replaced", { blob: content, etag: '"0x2"' }],
    ["deleted", is(404, "BlobNotFound")],
    ["replaced by a shorter one, by a server that looks at the range first", is(416, "InvalidRange")],
    [
      "replaced, by a server that looks at no condition",
      { status: 206, headers: { etag: '"0x2"', "content-length": "0" } },
    ],
  ])("an object that is %s in between is another version", async (_, answer) => {
    const { store } = await script([whole, whole, answer]);
    expect((await fetching(store)).ended).toBe("changed");
  });

  test.each<[string, AzAnswer, number, string]>([
    ["busy", is(503, "ServerBusy"), 4, "bucket-unavailable"],
    ["cut short", { blob: content.subarray(0, 1), etag: VERSION.etag, breaks: "cut" }, 4, "bucket-unavailable"],
    ["not a range", { status: 200, headers: { etag: VERSION.etag, "content-length": "0" } }, 4, "bucket-unavailable"],
    ["denied", is(403, "AuthorizationFailure"), 1, "bucket-denied"],
    ["archived", is(409, "BlobArchived"), 1, "bucket-denied"],
    ["a container that is gone", is(404, "ContainerNotFound"), 1, "bucket-missing"],
  ])("%s for good rejects", async (_, answer, requests, code) => {
    const { server, store } = await script(Array.from({ length: 5 }, () => answer));
    await expect(store.fetch(LARGE, { ...VERSION, size: 1 }, discard, never)).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(requests);
  });

  test("ends with the signal, in the middle of a range too", async () => {
    const { server, store } = await script([
      "silent",
      { blob: content.subarray(0, 32 * MIB), etag: VERSION.etag, breaks: "silent" },
    ]);
    const abort = new AbortController();
    const came = Promise.withResolvers<void>();
    const fetching = store.fetch(LARGE, { ...VERSION, size: 32 * MIB }, async () => came.resolve(), abort.signal);
    fetching.catch(() => undefined);
    await came.promise;
    abort.abort();
    await expect(fetching).rejects.toMatchObject({ code: "bucket-unavailable" });
    expect(server.requests).toHaveLength(2);
  });
});

describe("peek", () => {
  test.each(["", "x".repeat(10)])("of an object of at most the limit, %j, is one plain request", async (text) => {
    const { server, store } = await script([{ blob: Buffer.from(text), etag: VERSION.etag }]);
    const metadata = { "kgsync-write-id": "1" };
    const body = new Uint8Array(Buffer.from(text));
    expect(await store.peek(LARGE, 10, never)).toEqual({ etag: VERSION.etag, size: text.length, metadata, body });
    expect(server.requests.map(({ headers }) => headers["x-ms-range"])).toEqual([undefined]);
  });

  test("of an object above the limit waits for no bytes, and what comes next works", async () => {
    const { server, store } = await script([{ blob: content, etag: VERSION.etag, breaks: "silent" }, whole]);
    const metadata = { "kgsync-write-id": "1" };
    expect(await store.peek(LARGE, SIZE - 1, never)).toEqual({ ...VERSION, metadata });
    expect(server.requests).toHaveLength(1);
    expect((await store.peek(LARGE, SIZE, never))?.body?.length).toBe(SIZE);
  });
});
