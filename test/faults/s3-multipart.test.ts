import { describe, expect, test } from "vitest";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { Body, ObjectStore, PutMode, PutOutcome } from "../../src/ports/object-store.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

const LARGE = key("backups/large.json");
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-write": "1" } };
const SIZE = 17 * 1024 * 1024; // three parts
const never = new AbortController().signal;
const clock = createSystemClock();
const FOR_EVER_MS = 600_000;

const body = (read: (offset: number, length: number) => Promise<Uint8Array>): Body => ({ size: SIZE, read });
const zeros = body(async (_, length) => new Uint8Array(length));

const put = (store: ObjectStore, mode: PutMode, of: Body = zeros, signal = never): Promise<PutOutcome> =>
  store.put(LARGE, of, mode, OPTIONS, signal);

const ending = (answer: Promise<PutOutcome>): Promise<string> =>
  answer.then(
    ({ outcome }) => outcome,
    (error: unknown) => (error instanceof KgsyncError ? error.code : String(error)),
  );

describe("Complete", () => {
  test.each<[S3Fault, string, boolean]>([
    [{ kind: "error-in-200" }, "unknown", false],
    [{ kind: "commit-then-reset" }, "unknown", true],
    [{ kind: "reset-before-commit" }, "unknown", false],
    [{ kind: "truncated-body" }, "unknown", true],
    [{ kind: "status", status: 503, code: "SlowDown" }, "unknown", false],
    [{ kind: "status", status: 404, code: "NoSuchUpload" }, "unknown", false],
    [{ kind: "status", status: 403, code: "AccessDenied" }, "bucket-denied", false],
    [{ kind: "status", status: 412, code: "PreconditionFailed" }, "conflict", false],
    [{ kind: "status", status: 501, code: "NotImplemented" }, "store-unsafe", false],
    [{ kind: "empty-etag" }, "stored", true],
  ])("%j: %s after one Complete, and no part is left", async (fault, expected, applied) => {
    await withS3Double({}, async (double, store) => {
      double.faults.add({ operation: "CompleteMultipartUpload" }, fault);
      expect(await ending(put(store, { mode: "create" }))).toBe(expected);
      expect(double.count("CompleteMultipartUpload")).toBe(1);
      expect(double.objects.has(LARGE)).toBe(applied);
      expect(double.uploads.size).toBe(0);
    });
  });

  test("an ETag that is asked for afterwards is taken only when the object is ours", async () => {
    await withS3Double({ profile: "ceph16" }, async (double, store) => {
      const theirs = (): unknown => double.put(LARGE, "theirs", { "kgsync-write": "2" });
      // The third HEAD: before the first part, before Complete, after Complete.
      double.faults.add({ operation: "HeadObject", skip: 2 }, { kind: "first", run: theirs });
      expect(await ending(put(store, { mode: "create" }))).toBe("unknown");
    });
  });

  test("409: all parts are sent again", async () => {
    await withS3Double({}, async (double, store) => {
      double.faults.add({ operation: "CompleteMultipartUpload" }, { kind: "race-409" });
      expect(await ending(put(store, { mode: "create" }))).toBe("stored");
      expect(double.count("UploadPart")).toBe(6);
      expect(double.uploads.size).toBe(0);
    });
  });
});

describe("where Complete ignores its condition", () => {
  test("an object that appears during a create's upload is a conflict, and stays", async () => {
    await withS3Double({ profile: "partial" }, async (double, store) => {
      const appear = (): unknown => double.put(LARGE, "theirs");
      double.faults.add({ operation: "UploadPart", skip: 1 }, { kind: "first", run: appear });
      expect(await ending(put(store, { mode: "create" }))).toBe("conflict");
      expect(double.objects.get(LARGE)?.body.toString()).toBe("theirs");
      expect([double.count("CompleteMultipartUpload"), double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("an object that changes during an update's upload is a conflict, and stays", async () => {
    await withS3Double({ profile: "partial" }, async (double, store) => {
      const mode: PutMode = { mode: "update", etag: etag(double.put(LARGE, "old").etag) };
      const change = (): unknown => double.put(LARGE, "theirs");
      double.faults.add({ operation: "UploadPart" }, { kind: "first", run: change });
      expect(await ending(put(store, mode))).toBe("conflict");
      expect(double.objects.get(LARGE)?.body.toString()).toBe("theirs");
    });
  });

  test("nothing is uploaded when the condition is false from the start", async () => {
    await withS3Double({ profile: "partial" }, async (double, store) => {
      double.put(LARGE, "theirs");
      expect(await ending(put(store, { mode: "create" }))).toBe("conflict");
      expect(await ending(put(store, { mode: "update", etag: etag('"other"') }))).toBe("conflict");
      expect(double.requests.map(({ operation }) => operation)).toEqual(["HeadObject", "HeadObject"]);
    });
  });
});

describe("parts", () => {
  test.each<S3Fault>([
    { kind: "status", status: 503, code: "SlowDown" },
    { kind: "reset-before-commit" },
    { kind: "commit-then-reset" },
  ])("%j of a part is sent again", async (fault) => {
    await withS3Double({}, async (double, store) => {
      double.faults.add({ operation: "UploadPart", skip: 1 }, fault);
      expect(await ending(put(store, { mode: "create" }))).toBe("stored");
      expect(double.objects.get(LARGE)?.body.length).toBe(SIZE);
      expect(double.count("UploadPart")).toBe(4);
    });
  });

  test.each<[S3Fault, number, string]>([
    [{ kind: "status", status: 503, code: "SlowDown" }, 9, "bucket-unavailable"],
    [{ kind: "status", status: 404, code: "NoSuchUpload" }, 9, "bucket-unavailable"],
    [{ kind: "status", status: 403, code: "AccessDenied" }, 1, "bucket-denied"],
  ])("%j of a part for good: rejects, since nothing can have been written", async (fault, times, code) => {
    const sleep = async (): Promise<void> => undefined;
    await withS3Double({ store: { clock: { ...clock, sleep } } }, async (double, store) => {
      double.faults.add({ operation: "UploadPart" }, fault, times);
      expect(await ending(put(store, { mode: "create" }))).toBe(code);
      // Which of the parts meet the fault depends on how far they are: what is left is not owed.
      while (double.faults.take("UploadPart", LARGE) !== undefined);
      expect([double.count("CompleteMultipartUpload"), double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("one that fails for good ends the others in flight", async () => {
    await withS3Double({ store: { requestTimeoutMs: FOR_EVER_MS } }, async (double, store) => {
      double.faults.add({ operation: "UploadPart" }, { kind: "stall-headers" });
      double.faults.add({ operation: "UploadPart" }, { kind: "status", status: 403, code: "AccessDenied" });
      expect(await ending(put(store, { mode: "create" }))).toBe("bucket-denied");
      expect(double.uploads.size).toBe(0);
    });
  });

  test("aborted in the middle: parts in flight end, and none is left", async () => {
    await withS3Double({}, async (double, store) => {
      const abort = new AbortController();
      double.faults.add({ operation: "UploadPart" }, { kind: "stall-headers" });
      double.faults.add({ operation: "UploadPart" }, { kind: "first", run: () => abort.abort() });
      expect(await ending(put(store, { mode: "create" }, zeros, abort.signal))).toBe("bucket-unavailable");
      expect(double.count("AbortMultipartUpload")).toBe(1);
      expect([double.count("CompleteMultipartUpload"), double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("an abort that is not answered does not hold the put up", async () => {
    const limit = new AbortController();
    const timeout: typeof clock.timeout = () => ({ signal: limit.signal, cancel: () => undefined });
    const store = { clock: { ...clock, timeout }, requestTimeoutMs: FOR_EVER_MS };
    await withS3Double({ store }, async (double, store) => {
      const noAnswer = (): unknown => {
        limit.abort();
        return new Promise(() => undefined);
      };
      double.faults.add({ operation: "UploadPart" }, { kind: "status", status: 403, code: "AccessDenied" });
      double.faults.add({ operation: "AbortMultipartUpload" }, { kind: "first", run: noAnswer });
      expect(await ending(put(store, { mode: "create" }))).toBe("bucket-denied");
    });
  });
});

describe("a file", () => {
  test("that ends early is an error, and leaves nothing", async () => {
    await withS3Double({}, async (double, store) => {
      const cut = body(async (offset, length) => new Uint8Array(offset > SIZE / 2 ? 0 : length));
      expect(await ending(put(store, { mode: "create" }, cut))).toBe("disk");
      expect([double.objects.size, double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("that cannot be read rejects with its own error", async () => {
    await withS3Double({}, async (double, store) => {
      const broken = body(async (offset, length) => {
        if (offset > SIZE / 2) throw new KgsyncError("disk", "scripted");
        return new Uint8Array(length);
      });
      await expect(put(store, { mode: "create" }, broken)).rejects.toMatchObject({ code: "disk", message: "scripted" });
      expect([double.objects.size, double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("that no disk answers for ends with the signal", async () => {
    await withS3Double({}, async (double, store) => {
      const abort = new AbortController();
      const hanging = body((offset, length) => {
        if (offset < SIZE / 2) return Promise.resolve(new Uint8Array(length));
        abort.abort();
        return new Promise(() => undefined);
      });
      expect(await ending(put(store, { mode: "create" }, hanging, abort.signal))).toBe("bucket-unavailable");
      expect([double.objects.size, double.uploads.size]).toEqual([0, 0]);
    });
  });

  test("is sent with its bytes in order, whatever the pieces that a read gives", async () => {
    await withS3Double({}, async (double, store) => {
      const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => i).buffer);
      const short = body(async (offset, length) => content.subarray(offset, offset + Math.min(length, 300_007)));
      expect(await ending(put(store, { mode: "create" }, short))).toBe("stored");
      expect(double.objects.get(LARGE)?.body.equals(content)).toBe(true);
      expect(double.objects.get(LARGE)?.metadata).toEqual(OPTIONS.metadata);
    });
  });
});

test("leftovers over an hour old are aborted, page by page, and nothing else", async () => {
  await withS3Double({ pageSize: 2, store: { prefix: "mine" } }, async (double, store) => {
    const start = async (name: string): Promise<void> => {
      await fetch(`${double.endpoint}/bucket/${name}?uploads`, { method: "POST" });
    };
    for (const name of ["mine/a", "mine/b", "mine/c", "mine/d", "theirs/e", "mine/new"]) await start(name);
    for (const upload of double.uploads.values()) {
      if (upload.key !== "mine/new") upload.initiated = new Date(Date.now() - 3_700_000);
    }
    double.faults.add({ operation: "AbortMultipartUpload" }, { kind: "status", status: 404, code: "NoSuchUpload" });
    expect(await store.abortLeftovers("", never)).toBe(4);
    expect(double.count("AbortMultipartUpload")).toBe(4);
    // The first one "was gone" already: a fault, so it is still there.
    expect([...double.uploads.values()].map((upload) => upload.key)).toEqual(["mine/a", "theirs/e", "mine/new"]);
  });
});
