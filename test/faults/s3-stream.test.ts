import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag, parseDigest } from "../../src/core/version.ts";
import type { Body, ObjectStore, PutMode } from "../../src/ports/object-store.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

const GRAPH = key("graph.json");
const SIZE = 20 * 1024 * 1024;
const never = new AbortController().signal;
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-write": "1" }, strict: true };
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer);
const sha256 = parseDigest(createHash("sha256").update(content).digest("hex")) ?? expect.fail("no digest");
const body = (read: Exclude<Body, Uint8Array>["read"]): Body => ({ size: SIZE, sha256, read });
const whole = body(async (offset, length) => content.subarray(offset, offset + Math.min(length, 300_007)));
const put = (store: ObjectStore, mode: PutMode, of = whole, signal = never) =>
  store.put(GRAPH, of, mode, OPTIONS, signal);

describe("a strict put of what is not in memory", () => {
  test("goes in one request, whole, under its condition", async () => {
    await withS3Double({ profile: "partial" }, async (double, store) => {
      expect(await put(store, { mode: "create" })).toMatchObject({ outcome: "stored" });
      expect(double.objects.get(GRAPH)?.body.equals(content)).toBe(true);
      expect(double.objects.get(GRAPH)?.metadata).toEqual(OPTIONS.metadata);
      expect(await put(store, { mode: "create" })).toEqual({ outcome: "conflict" });
      expect(await put(store, { mode: "update", etag: etag('"other"') })).toEqual({ outcome: "conflict" });
      expect([double.count("PutObject"), double.count("CreateMultipartUpload")]).toEqual([3, 0]);
      const sent = double.requests.find(({ operation }) => operation === "PutObject");
      expect(sent?.headers["x-amz-content-sha256"]).toBe(sha256);
    });
  });

  test("that somebody overtakes on the way is a conflict, also where the end of an upload in parts ignores that", async () => {
    await withS3Double({ profile: "partial" }, async (double, store) => {
      const mode: PutMode = { mode: "update", etag: etag(double.put(GRAPH, "old").etag) };
      double.faults.add({ operation: "PutObject" }, { kind: "first", run: () => double.put(GRAPH, "theirs") });
      expect(await put(store, mode)).toEqual({ outcome: "conflict" });
      expect(double.objects.get(GRAPH)?.body.toString()).toBe("theirs");
    });
  });

  test.each<[S3Fault, boolean]>([
    [{ kind: "commit-then-reset" }, true],
    [{ kind: "reset-before-commit" }, false],
    [{ kind: "status", status: 503, code: "SlowDown" }, false],
  ])("%j is unknown, and is sent once", async (fault, applied) => {
    await withS3Double({}, async (double, store) => {
      double.faults.add({ operation: "PutObject" }, fault);
      expect((await put(store, { mode: "create" })).outcome).toBe("unknown");
      expect([double.count("PutObject"), double.objects.has(GRAPH)]).toEqual([1, applied]);
    });
  });

  test("a body that cannot be read, or changes, rejects with its own error and stores nothing", async () => {
    const broken = new KgsyncError("disk", "scripted");
    await withS3Double({}, async (double, store) => {
      const fails = body(async (offset, length) => {
        if (offset > SIZE / 2) throw broken;
        return content.subarray(offset, offset + length);
      });
      await expect(put(store, { mode: "create" }, fails)).rejects.toBe(broken);
      const short = body(async (offset, length) => content.subarray(offset, Math.min(offset + length, SIZE / 2)));
      await expect(put(store, { mode: "create" }, short)).rejects.toMatchObject({ code: "disk" });
      expect(double.objects.size).toBe(0);
    });
  });

  test("ends with the signal while it is being sent", async () => {
    await withS3Double({}, async (double, store) => {
      const abort = new AbortController();
      const hangs = body((offset, length) => {
        if (offset < SIZE / 2) return Promise.resolve(content.subarray(offset, offset + length));
        abort.abort();
        return new Promise(() => undefined);
      });
      const ended = await put(store, { mode: "create" }, hangs, abort.signal).catch((error: unknown) => error);
      expect(ended).toSatisfy(
        (end) => end instanceof KgsyncError || (end as { outcome?: unknown }).outcome === "unknown",
      );
      expect(double.objects.size).toBe(0);
    });
  });

  test("that is not strict goes in parts", async () => {
    await withS3Double({}, async (double, store) => {
      expect(await store.put(GRAPH, whole, { mode: "create" }, { ...OPTIONS, strict: false }, never)).toMatchObject({
        outcome: "stored",
      });
      expect([double.count("PutObject"), double.count("UploadPart")]).toEqual([0, 3]);
    });
  });
});
