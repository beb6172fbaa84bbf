import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import type { S3Double } from "../support/s3-double/start-s3-double.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

const LARGE = key("graph.json");
const SIZE = 40 * 1024 * 1024; // three ranges
const never = new AbortController().signal;
const clock = { ...createSystemClock(), sleep: async (): Promise<void> => undefined };
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer);

const fetching = async (double: S3Double, store: ObjectStore, signal = never) => {
  const version = { etag: etag(double.put(LARGE, content).etag), size: SIZE };
  const came = Buffer.alloc(SIZE);
  const ended = await store.fetch(LARGE, version, async (at, bytes) => came.set(bytes, at), signal);
  return { ended, isWhole: came.equals(content) };
};
const GET = { operation: "GetObject" } as const;

describe("fetch", () => {
  test.each<[S3Fault, number]>([
    [{ kind: "truncated-body" }, 4],
    [{ kind: "reset-before-commit" }, 4],
    [{ kind: "status", status: 503, code: "SlowDown" }, 4],
    [{ kind: "stall-body" }, 4],
  ])("%j of a range: only that range is asked for again", async (fault, requests) => {
    await withS3Double({ store: { clock, requestTimeoutMs: 2_000 } }, async (double, store) => {
      double.faults.add({ ...GET, skip: 1 }, fault);
      expect(await fetching(double, store)).toEqual({ ended: "whole", isWhole: true });
      expect(double.count("GetObject")).toBe(requests);
    });
  });

  test("what came of a broken range is not asked for again", async () => {
    await withS3Double({ store: { clock } }, async (double, store) => {
      double.faults.add(GET, { kind: "truncated-body" });
      await fetching(double, store);
      const starts = double.requests.map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers["range"] ?? "")?.[1]));
      expect(new Set(starts).size).toBe(4);
    });
  });

  test.each<[string, (double: S3Double) => unknown]>([
    ["replaced", (double) => double.put(LARGE, "theirs")],
    ["replaced by one of the same size", (double) => double.put(LARGE, Buffer.alloc(SIZE))],
  ])("an object that is %s in between is another version", async (_, change) => {
    await withS3Double({ store: { clock } }, async (double, store) => {
      double.faults.add({ ...GET, skip: 2 }, { kind: "first", run: () => change(double) });
      expect((await fetching(double, store)).ended).toBe("changed");
    });
  });

  test.each<[S3Fault, string]>([
    [{ kind: "status", status: 503, code: "SlowDown" }, "bucket-unavailable"],
    [{ kind: "status", status: 403, code: "AccessDenied" }, "bucket-denied"],
  ])("%j for good rejects with %s", async (fault, code) => {
    await withS3Double({ store: { clock } }, async (double, store) => {
      double.faults.add(GET, fault, 20);
      await expect(fetching(double, store)).rejects.toMatchObject({ code });
      while (double.faults.take("GetObject", LARGE) !== undefined); // how many were met depends on how far the lanes were
    });
  });

  test("a server that compares bare ETags is asked with those", async () => {
    await withS3Double({ store: { clock } }, async (double, store) => {
      double.faults.add(GET, { kind: "status", status: 412, code: "PreconditionFailed" });
      expect(await fetching(double, store)).toEqual({ ended: "whole", isWhole: true });
      expect(double.requests.some(({ headers }) => /^[^"]+$/.test(headers["if-match"] ?? '"'))).toBe(true);
    });
  });

  test("ends with the signal", async () => {
    await withS3Double({}, async (double, store) => {
      const abort = new AbortController();
      double.faults.add(GET, { kind: "stall-headers" });
      double.faults.add(GET, { kind: "first", run: () => abort.abort() });
      await expect(fetching(double, store, abort.signal)).rejects.toMatchObject({ code: "bucket-unavailable" });
    });
  });
});

test("of an object above the limit no bytes are waited for", async () => {
  await withS3Double({}, async (double, store) => {
    double.put(key("small"), "x");
    double.put(LARGE, content);
    await store.get(key("small"), never); // the pattern of the short way
    for (let n = 0; n < 2; n++) {
      double.faults.add({ ...GET, key: LARGE }, { kind: "stall-body" });
      expect(await store.peek(LARGE, SIZE - 1, never)).toMatchObject({
        size: SIZE,
        etag: double.objects.get(LARGE)?.etag,
      });
    }
  });
});
