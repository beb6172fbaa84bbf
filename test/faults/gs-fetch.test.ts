import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import type { GcsDouble } from "../support/gcs-double/start-gcs-double.ts";
import { withGcsDouble } from "../support/gcs-double/with-gcs-double.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";

const LARGE = key("graph.json");
const MIB = 1024 * 1024;
const SIZE = 40 * MIB; // three ranges
const never = new AbortController().signal;
const clock = { ...createSystemClock(), sleep: async (): Promise<void> => undefined };
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer);

const fetching = async (double: GcsDouble, store: ObjectStore, signal = never) => {
  const version = { etag: etag(double.put(LARGE, content).generation), size: SIZE };
  const came = Buffer.alloc(SIZE);
  let largest = 0;
  const target = async (at: number, bytes: Uint8Array): Promise<void> => {
    came.set(bytes, at);
    largest = Math.max(largest, bytes.length);
  };
  const ended = await store.fetch(LARGE, version, target, signal);
  expect(largest).toBeLessThanOrEqual(MIB);
  return { ended, isWhole: came.equals(content) };
};
const GET = { operation: "get" } as const;

describe("fetch", () => {
  test("ranges of 16 MiB, each on the condition that the generation is the same", async () => {
    await withGcsDouble({}, async (double, store) => {
      expect(await fetching(double, store)).toEqual({ ended: "whole", isWhole: true });
      const generation = double.objects.get(LARGE)?.generation;
      const asked = double.requests.map(({ headers }) => headers);
      expect(asked.map(({ range }) => range)).toEqual([
        `bytes=0-${16 * MIB - 1}`,
        `bytes=${16 * MIB}-${32 * MIB - 1}`,
        `bytes=${32 * MIB}-${SIZE - 1}`,
      ]);
      for (const each of asked)
        expect(each).toMatchObject({ "x-goog-if-generation-match": generation, "accept-encoding": "gzip" });
    });
  });

  test.each<S3Fault>([
    { kind: "truncated-body" },
    { kind: "reset-before-commit" },
    { kind: "status", status: 503, code: "backendError" },
    { kind: "status", status: 429, code: "rateLimitExceeded" },
  ])("%j of a range: only that range is asked for again", async (fault) => {
    await withGcsDouble({ store: { clock } }, async (double, store) => {
      double.faults.add({ ...GET, skip: 1 }, fault);
      expect(await fetching(double, store)).toEqual({ ended: "whole", isWhole: true });
      expect(double.requests).toHaveLength(4);
    });
  });

  test.each<S3Fault>([{ kind: "stall-headers" }, { kind: "stall-body" }])(
    "%j of a range: it is given up, and asked for again",
    async (fault) => {
      await withGcsDouble({ store: { clock, requestTimeoutMs: 2_000 } }, async (double, store) => {
        double.faults.add({ ...GET, skip: 1 }, fault);
        expect(await fetching(double, store)).toEqual({ ended: "whole", isWhole: true });
        expect(double.requests.length).toBeGreaterThan(3); // a busy machine may seem to stall too
      });
    },
  );

  test("what came of a broken range is not asked for again", async () => {
    await withGcsDouble({ store: { clock } }, async (double, store) => {
      double.faults.add(GET, { kind: "truncated-body" });
      await fetching(double, store);
      const starts = double.requests.map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers["range"] ?? "")?.[1]));
      expect(new Set(starts).size).toBe(4);
    });
  });

  test.each<[string, (double: GcsDouble) => unknown]>([
    ["replaced", (double) => double.put(LARGE, "theirs")],
    ["replaced by one of the same bytes", (double) => double.put(LARGE, content)],
    ["deleted", (double) => double.remove(LARGE)],
  ])("an object that is %s in between is another version", async (_, change) => {
    await withGcsDouble({ store: { clock } }, async (double, store) => {
      double.faults.add({ ...GET, skip: 2 }, { kind: "first", run: () => change(double) });
      expect((await fetching(double, store)).ended).toBe("changed");
    });
  });

  test.each<[S3Fault, string]>([
    [{ kind: "status", status: 503, code: "backendError" }, "bucket-unavailable"],
    [{ kind: "truncated-body" }, "bucket-unavailable"],
    [{ kind: "status", status: 403, code: "forbidden" }, "bucket-denied"],
    [{ kind: "status", status: 404, code: "The specified bucket does not exist" }, "bucket-missing"],
  ])("%j for good rejects with %s", async (fault, code) => {
    await withGcsDouble({ store: { clock } }, async (double, store) => {
      double.faults.add({ operation: "get", key: "small" }, fault, code === "bucket-unavailable" ? 4 : 1);
      const version = { etag: etag(double.put("small", "x").generation), size: 1 };
      const target = async (): Promise<void> => undefined;
      await expect(store.fetch(key("small"), version, target, never)).rejects.toMatchObject({ code });
    });
  });

  test("an ETag of another kind of store is a version that is not there", async () => {
    await withGcsDouble({}, async (double, store) => {
      const target = async (): Promise<void> => undefined;
      expect(await store.fetch(LARGE, { etag: etag('"0x1"'), size: 1 }, target, never)).toBe("changed");
      expect(double.requests).toEqual([]);
    });
  });

  test("ends with the signal", async () => {
    await withGcsDouble({}, async (double, store) => {
      const abort = new AbortController();
      double.faults.add(GET, { kind: "stall-headers" });
      double.faults.add(GET, { kind: "stall-body" });
      double.faults.add(GET, { kind: "first", run: () => abort.abort() });
      await expect(fetching(double, store, abort.signal)).rejects.toMatchObject({ code: "bucket-unavailable" });
      expect(double.requests).toHaveLength(3);
    });
  });
});

describe("peek", () => {
  test.each(["", "x".repeat(10)])("of an object of at most the limit, %j, is one plain request", async (text) => {
    await withGcsDouble({}, async (double, store) => {
      double.put(LARGE, text);
      expect(await store.peek(LARGE, 10, never)).toMatchObject({
        size: text.length,
        body: new Uint8Array(Buffer.from(text)),
      });
      expect(double.requests.map(({ headers }) => headers["range"])).toEqual([undefined]);
    });
  });

  test("of an object above the limit waits for no bytes, and what comes next works", async () => {
    await withGcsDouble({}, async (double, store) => {
      const { generation } = double.put(LARGE, content, { "kgsync-write-id": "1" });
      double.faults.add(GET, { kind: "stall-body" });
      const metadata = { "kgsync-write-id": "1" };
      expect(await store.peek(LARGE, SIZE - 1, never)).toEqual({ size: SIZE, etag: generation, metadata });
      expect(double.requests).toHaveLength(1);
      expect((await store.peek(LARGE, SIZE, never))?.body?.length).toBe(SIZE);
    });
  });
});
