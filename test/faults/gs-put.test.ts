import { describe, expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { Body, ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import { gsStoreOn } from "../support/gcs-double/gs-store-on.ts";
import { type GcsDouble, startGcsDouble } from "../support/gcs-double/start-gcs-double.ts";
import { withGcsDouble } from "../support/gcs-double/with-gcs-double.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";

const GRAPH = key("graph.json");
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-write": "1" } };
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Ends the stalls; long enough that a server in the same process never seems to stall. */
const SILENCE_MS = 1_000;

const put = (store: ObjectStore, mode: PutMode, signal = never, body: Body = bytes("new")): Promise<PutOutcome> =>
  store.put(GRAPH, body, mode, OPTIONS, signal);

/** How a put ends: its outcome, or the code that it rejects with. */
const ending = (answer: Promise<PutOutcome>): Promise<string> =>
  answer.then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof KgsyncError ? error.code : String(error)),
  );

const status = (code: number, name: string): S3Fault => ({ kind: "status", status: code, code: name });

const modeOf = (kind: PutMode["mode"], double: GcsDouble): PutMode => {
  if (kind === "create") return { mode: kind };
  const { generation } = double.put(GRAPH, "old");
  return kind === "update" ? { mode: kind, etag: etag(generation) } : { mode: kind };
};

describe.each(["create", "update", "overwrite"] as const)("%s", (kind) => {
  const conditional = kind !== "overwrite";

  test.each<[S3Fault, string, boolean]>([
    [{ kind: "commit-then-reset" }, "unknown", true],
    [{ kind: "reset-before-commit" }, "unknown", false],
    [{ kind: "commit-then-stall" }, "unknown", true],
    [{ kind: "stall-headers" }, "unknown", false],
    [{ kind: "truncated-body" }, "unknown", true],
    [status(500, "internalError"), "unknown", false],
    [status(503, "backendError"), "unknown", false],
    [status(429, "rateLimitExceeded"), "unknown", false],
    [status(408, "uploadBrokenConnection"), "unknown", false],
    [status(409, "conflict"), "unknown", false],
    [status(403, "rateLimitExceeded"), "unknown", false],
    [status(403, "forbidden"), "bucket-denied", false],
    [status(400, "invalid"), "bucket-denied", false],
    [status(412, "conditionNotMet"), conditional ? "conflict" : "bucket-denied", false],
    [status(404, "notFound"), kind === "update" ? "conflict" : "bucket-missing", false],
    [status(501, "notImplemented"), conditional ? "store-unsafe" : "bucket-denied", false],
  ])("%j: %s after one request", async (fault, expected, applied) => {
    const store = fault.kind.includes("stall") ? { requestTimeoutMs: SILENCE_MS } : {};
    await withGcsDouble({ store }, async (double, store) => {
      const mode = modeOf(kind, double);
      double.faults.add({ operation: "put" }, fault);
      expect(await ending(put(store, mode))).toBe(expected);
      expect(double.count("put")).toBe(1);
      const old = kind === "create" ? undefined : "old";
      expect(double.objects.get(GRAPH)?.body.toString()).toBe(applied ? "new" : old);
    });
  });

  test("of a bucket that is not there: bucket-missing, by words or without", async () => {
    for (const prose of [true, false]) {
      await withGcsDouble({ prose, bucket: "other" }, async (double, store) => {
        expect(await ending(put(store, modeOf(kind, double)))).toBe("bucket-missing");
      });
    }
  });

  test.each<[S3Fault, string, number]>([
    [{ kind: "commit-then-reset" }, "stored", 0],
    [{ kind: "reset-before-commit" }, "stored", 0],
    [{ kind: "commit-then-reset" }, "stored", 2],
    [status(503, "backendError"), "stored", 1],
    [status(412, "conditionNotMet"), conditional ? "conflict" : "bucket-denied", 2],
    [status(403, "forbidden"), "bucket-denied", 1],
    [status(410, "gone"), "bucket-unavailable", 1],
    [status(410, "gone"), "unknown", 2],
  ])("in parts, of which %j: %s (part %i)", async (fault, expected, skip) => {
    await withGcsDouble({}, async (double, store) => {
      const mode = modeOf(kind, double);
      double.faults.add({ operation: "put-part", skip }, fault);
      expect(await ending(put(store, mode, never, inParts()))).toBe(expected);
      const whole = double.objects.get(GRAPH)?.body;
      if (expected === "stored") expect(whole?.equals(LARGE)).toBe(true);
      else expect(whole?.toString()).toBe(kind === "create" ? undefined : "old");
    });
  });
});

const LARGE = Buffer.alloc(20 * 1024 * 1024, "some bytes that repeat at an odd length");
const inParts = (): Body => ({
  size: LARGE.length,
  read: async (offset, length) => LARGE.subarray(offset, offset + length),
});

test("in parts, of which the server keeps less than was sent: it is sent from there", async () => {
  await withGcsDouble({ keep: 5 * 1024 * 1024 }, async (double, store) => {
    expect(await ending(put(store, { mode: "create" }, never, inParts()))).toBe("stored");
    expect(double.objects.get(GRAPH)?.body.equals(LARGE)).toBe(true);
    expect(double.count("put-part")).toBe(4);
  });
});

test("in parts, of which the last is lost for good: unknown, and not for ever", async () => {
  await withGcsDouble({}, async (double, store) => {
    double.faults.add({ operation: "put-part", skip: 2 }, { kind: "commit-then-reset" });
    double.faults.add({ operation: "ask-session" }, status(503, "backendError"), 5);
    expect(await ending(put(store, { mode: "create" }, never, inParts()))).toBe("unknown");
    expect(double.objects.get(GRAPH)?.body.equals(LARGE)).toBe(true);
  });
});

test("in parts, while somebody else writes the object: conflict with the last part", async () => {
  await withGcsDouble({}, async (double, store) => {
    double.faults.add({ operation: "put-part", skip: 2 }, { kind: "first", run: () => double.put(GRAPH, "theirs") });
    expect(await ending(put(store, { mode: "create" }, never, inParts()))).toBe("conflict");
    expect(double.objects.get(GRAPH)?.body.toString()).toBe("theirs");
  });
});

test("in parts, of which the session cannot be opened: nothing was written", async () => {
  await withGcsDouble({}, async (double, store) => {
    double.faults.add({ operation: "open-session" }, { kind: "commit-then-reset" });
    expect(await ending(put(store, { mode: "create" }, never, inParts()))).toBe("bucket-unavailable");
    double.faults.add({ operation: "open-session" }, status(403, "forbidden"));
    expect(await ending(put(store, { mode: "create" }, never, inParts()))).toBe("bucket-denied");
    expect(double.objects.size).toBe(0);
  });
});

test("a body that changes under the upload is refused by its sum", async () => {
  await withGcsDouble({}, async (double, store) => {
    let reads = 0;
    const restless: Body = {
      size: LARGE.length,
      read: async (offset, length) => {
        reads += 1;
        return Buffer.from(LARGE.subarray(offset, offset + length)).fill(reads);
      },
    };
    double.faults.add({ operation: "put-part", skip: 1 }, { kind: "reset-before-commit" });
    expect(await ending(put(store, { mode: "create" }, never, restless))).toBe("unknown");
    expect(double.objects.size).toBe(0);
  });
});

test("an ETag that is none of this store's, or 0, is a conflict without a request", async () => {
  await withGcsDouble({}, async (double, store) => {
    for (const foreign of ['"abc"', "0", "", "1&x=y"]) {
      expect(await ending(put(store, { mode: "update", etag: etag(foreign) }))).toBe("conflict");
    }
    expect(double.requests).toHaveLength(0);
  });
});

test("aborted while no answer comes: unknown, at once", async () => {
  await withGcsDouble({}, async (double, store) => {
    const abort = new AbortController();
    double.faults.add({ operation: "put" }, { kind: "first", run: () => abort.abort() });
    expect(await ending(put(store, { mode: "create" }, abort.signal))).toBe("unknown");
  });
});

test("nobody listens: it is sure that nothing was written", async () => {
  const double = await startGcsDouble();
  await double.close();
  const store = gsStoreOn(double.endpoint);
  expect(await ending(put(store, { mode: "create" }))).toBe("bucket-unavailable");
  store.close();
});
