import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import { startFaultyProxy } from "../support/faulty-proxy.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import { startS3Double } from "../support/s3-double/start-s3-double.ts";
import { storeOn } from "../support/s3-double/store-on.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

const GRAPH = key("graph.json");
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-write": "1" } };
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const clock = createSystemClock();
/** Ends the stalls; long enough that a server in the same process never seems to stall. */
const SILENCE_MS = 1_000;

const put = (store: ObjectStore, mode: PutMode, signal = never): Promise<PutOutcome> =>
  store.put(GRAPH, bytes("new"), mode, OPTIONS, signal);

/** How a put ends: its outcome, or the code that it rejects with. */
const ending = (answer: Promise<PutOutcome>): Promise<string> =>
  answer.then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof KgsyncError ? error.code : String(error)),
  );

const status = (code: number, name: string, headers = {}): S3Fault => ({
  kind: "status",
  status: code,
  code: name,
  headers,
});

describe.each(["create", "update", "overwrite"] as const)("%s", (kind) => {
  test.each<[S3Fault, string, boolean]>([
    [{ kind: "commit-then-reset" }, "unknown", true],
    [{ kind: "reset-before-commit" }, "unknown", false],
    [{ kind: "commit-then-stall" }, "unknown", true],
    [{ kind: "stall-headers" }, "unknown", false],
    [status(500, "InternalError"), "unknown", false],
    [status(503, "SlowDown", { "retry-after": "1" }), "unknown", false],
    [status(429, "TooManyRequests", { "retry-after": "1" }), "unknown", false],
    [status(408, "RequestTimeout"), "unknown", false],
    [status(400, "RequestTimeout"), "unknown", false],
    [status(403, "AccessDenied"), "bucket-denied", false],
    [status(400, "ExpiredToken"), "bucket-denied", false],
    [status(404, "NoSuchBucket"), "bucket-missing", false],
    [status(301, "PermanentRedirect"), "bucket-missing", false],
    [status(412, "PreconditionFailed"), kind === "overwrite" ? "bucket-denied" : "conflict", false],
    [status(404, "NoSuchKey"), kind === "update" ? "conflict" : "bucket-missing", false],
    [status(501, "NotImplemented"), kind === "overwrite" ? "bucket-denied" : "store-unsafe", false],
    [status(405, "MethodNotAllowed"), kind === "overwrite" ? "bucket-denied" : "store-unsafe", false],
    [status(400, "InvalidArgument"), kind === "overwrite" ? "bucket-denied" : "store-unsafe", false],
  ])("%j: %s after one request", async (fault, expected, applied) => {
    const store = fault.kind.includes("stall") ? { requestTimeoutMs: SILENCE_MS } : {};
    await withS3Double({ store }, async (double, store) => {
      const before = kind === "create" ? undefined : double.put(GRAPH, "old").etag;
      double.faults.add({ operation: "PutObject" }, fault);
      const mode: PutMode = kind === "update" ? { mode: kind, etag: etag(before ?? "") } : { mode: kind };
      // The answer "conflict" is looked into once, when the key still has the expected ETag.
      const again = expected === "conflict" && kind === "update";
      if (again) double.faults.add({ operation: "PutObject" }, fault);
      expect(await ending(put(store, mode))).toBe(expected);
      expect(double.count("PutObject")).toBe(again ? 2 : 1);
      const old = kind === "create" ? undefined : "old";
      expect(double.objects.get(GRAPH)?.body.toString()).toBe(applied ? "new" : old);
    });
  });
});

test("409 was not applied, and is sent again until it is decided", async () => {
  await withS3Double({}, async (double, store) => {
    double.faults.add({ operation: "PutObject" }, { kind: "race-409" }, 3);
    expect(await ending(put(store, { mode: "create" }))).toBe("stored");
    expect(double.count("PutObject")).toBe(4);
    double.faults.add({ operation: "PutObject" }, { kind: "race-409" });
    expect(await ending(put(store, { mode: "create" }))).toBe("conflict");
  });
});

test("409 without end is bucket-unavailable when time runs out", async () => {
  const abort = new AbortController();
  let pauses = 0;
  const sleep = async (): Promise<void> => {
    pauses += 1;
    if (pauses === 2) abort.abort();
  };
  await withS3Double({ store: { clock: { ...clock, sleep } } }, async (double, store) => {
    double.faults.add({ operation: "PutObject" }, { kind: "race-409" }, 2);
    expect(await ending(put(store, { mode: "create" }, abort.signal))).toBe("bucket-unavailable");
    expect(double.objects.size).toBe(0);
  });
});

test("aborted while no answer comes: unknown, at once", async () => {
  await withS3Double({}, async (double, store) => {
    const abort = new AbortController();
    double.faults.add({ operation: "PutObject" }, { kind: "first", run: () => abort.abort() });
    expect(await ending(put(store, { mode: "create" }, abort.signal))).toBe("unknown");
  });
});

test("nobody listens: it is sure that nothing was written", async () => {
  const double = await startS3Double();
  await double.close();
  const store = storeOn(double.endpoint);
  expect(await ending(put(store, { mode: "create" }))).toBe("bucket-unavailable");
  store.close();
});

test("the form of ETags is found out by one more request, and kept", async () => {
  await withS3Double({ profile: "bare-etag" }, async (double, store) => {
    const first = etag(double.put(GRAPH, "old").etag);
    expect(store.etagForm()).toBe("quoted");
    const second = await put(store, { mode: "update", etag: first });
    expect(second.outcome).toBe("stored");
    expect(store.etagForm()).toBe("bare");
    expect([double.count("PutObject"), double.count("HeadObject")]).toEqual([2, 1]);
    expect(double.requests.map(({ headers }) => headers["if-match"])).toEqual([first, undefined, first.slice(1, -1)]);
    expect(await ending(put(store, { mode: "update", etag: first }))).toBe("conflict");
    expect([double.count("PutObject"), double.count("HeadObject")]).toEqual([3, 1]);
  });
});

test("the form that was learned earlier needs no second request", async () => {
  await withS3Double({ profile: "bare-etag", store: { etagForm: "bare" } }, async (double, store) => {
    const mode: PutMode = { mode: "update", etag: etag(double.put(GRAPH, "old").etag) };
    expect(await ending(put(store, mode))).toBe("stored");
    expect(double.requests).toHaveLength(1);
  });
});

test("a clock that is off is corrected by the server's, and the put is sent once more", async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  await withS3Double({}, async (double, store) => {
    double.faults.add({ operation: "PutObject" }, status(403, "RequestTimeTooSkewed", { date }));
    expect(await ending(put(store, { mode: "create" }))).toBe("stored");
    const [first = "", second = ""] = double.requests.map(({ headers }) => headers["x-amz-date"]);
    expect(first.slice(0, 11)).not.toBe(second.slice(0, 11));
  });
});

test("a clock that stays off is denied, and the hint names it", async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  await withS3Double({}, async (double, store) => {
    double.faults.add({ operation: "PutObject" }, status(403, "RequestTimeTooSkewed", { date }), 2);
    const failure = await put(store, { mode: "create" }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "bucket-denied", hint: expect.stringMatching(/clock/) });
  });
});

test("Put without an ETag in its answer: asked for, and taken only when the object is ours", async () => {
  await withS3Double({}, async (double, store) => {
    double.faults.add({ operation: "PutObject" }, { kind: "empty-etag" }, 2);
    const stored = await put(store, { mode: "create" });
    expect(stored).toEqual({ outcome: "stored", etag: double.objects.get(GRAPH)?.etag });
    double.faults.add(
      { operation: "HeadObject" },
      { kind: "first", run: () => double.put(GRAPH, "new", { "kgsync-write": "2" }) },
    );
    expect(await ending(put(store, { mode: "overwrite" }))).toBe("unknown");
  });
});

test("a proxy that goes silent, resets and passes again", async () => {
  const double = await startS3Double();
  const proxy = await startFaultyProxy(Number(new URL(double.endpoint).port), "silent");
  const store = storeOn(`http://127.0.0.1:${proxy.port}`, { requestTimeoutMs: SILENCE_MS });
  expect(await ending(put(store, { mode: "create" }))).toBe("unknown");
  proxy.setMode("reset");
  expect(await ending(put(store, { mode: "create" }))).toBe("unknown");
  expect(double.objects.size).toBe(0);
  proxy.setMode("drip");
  expect(await ending(put(store, { mode: "create" }))).toBe("stored");
  proxy.setMode("pass");
  expect(await ending(put(store, { mode: "create" }))).toBe("conflict");
  expect(proxy.connections()).toBeGreaterThanOrEqual(3);
  store.close();
  await proxy.close();
  await double.close();
});
