import { describe, expect, test } from "vitest";
import { key } from "../../src/core/key.ts";
import { withGcsDouble } from "../support/gcs-double/with-gcs-double.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";

const GRAPH = key("graph.json");
const TEXT = "the whole of it";
const never = new AbortController().signal;
/** Ends the stalls; long enough that a server in the same process never seems to stall. */
const SILENCE = { store: { requestTimeoutMs: 1_000 } };

describe("get", () => {
  test.each<[S3Fault, string]>([
    [{ kind: "truncated-body" }, "bucket-unavailable"],
    [{ kind: "stall-body" }, "bucket-unavailable"],
    [{ kind: "stall-headers" }, "bucket-unavailable"],
    [{ kind: "reset-before-commit" }, "bucket-unavailable"],
    [{ kind: "status", status: 503, code: "backendError" }, "bucket-unavailable"],
    [{ kind: "status", status: 429, code: "rateLimitExceeded" }, "bucket-unavailable"],
    [{ kind: "status", status: 403, code: "forbidden" }, "bucket-denied"],
    [{ kind: "status", status: 401, code: "authError" }, "bucket-denied"],
    [{ kind: "status", status: 404, code: "The specified bucket does not exist" }, "bucket-missing"],
  ])("%j rejects with %s after one request, and the next one works", async (fault, code) => {
    await withGcsDouble(fault.kind.startsWith("stall") ? SILENCE : {}, async (double, store) => {
      double.put(GRAPH, TEXT);
      double.faults.add({ operation: "get" }, fault);
      await expect(store.get(GRAPH, never)).rejects.toMatchObject({ name: "KgsyncError", code });
      expect(double.requests).toHaveLength(1);
      expect((await store.get(GRAPH, never))?.size).toBe(TEXT.length);
    });
  });

  test("bytes that do not fit their sum are no object", async () => {
    await withGcsDouble({}, async (double, store) => {
      const { body } = double.put(GRAPH, TEXT);
      double.faults.add({ operation: "get" }, { kind: "spoilt-byte" });
      await expect(store.get(GRAPH, never)).rejects.toThrow("do not fit their checksum");
      expect(Buffer.from((await store.get(GRAPH, never))?.body ?? [])).toEqual(body);
    });
  });

  test("what is stored compressed comes as it is stored", async () => {
    await withGcsDouble({}, async (double, store) => {
      double.put(GRAPH, TEXT);
      await store.get(GRAPH, never);
      expect(double.requests[0]?.headers["accept-encoding"]).toBe("gzip");
    });
  });

  test("a body that never ends, drop by drop, ends with the signal", async () => {
    await withGcsDouble({}, async (double, store) => {
      double.put(GRAPH, "x".repeat(1_000_000)); // more than an hour
      double.faults.add({ operation: "get" }, { kind: "drip" });
      const abort = new AbortController();
      const getting = store.get(GRAPH, abort.signal);
      await expect.poll(() => double.requests.length).toBe(1);
      abort.abort();
      await expect(getting).rejects.toMatchObject({ code: "bucket-unavailable" });
    });
  });
});

describe("a bucket that is not there is no absent object", () => {
  test.each([true, false])("whether its 404 says so or not (%s)", async (prose) => {
    await withGcsDouble({ bucket: "other", prose }, async (_, store) => {
      const missing = { name: "KgsyncError", code: "bucket-missing" };
      await expect(store.get(GRAPH, never)).rejects.toMatchObject(missing);
      await expect(store.head(GRAPH, never)).rejects.toMatchObject(missing);
      await expect(store.delete(GRAPH, never)).rejects.toMatchObject(missing);
      await expect(store.list("", never)[Symbol.asyncIterator]().next()).rejects.toMatchObject(missing);
    });
  });

  test("nor is one absent when the bucket cannot be asked", async () => {
    await withGcsDouble({ prose: false }, async (double, store) => {
      double.faults.add({ operation: "list" }, { kind: "status", status: 403, code: "forbidden" });
      await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-denied" });
    });
  });
});
