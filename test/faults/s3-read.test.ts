import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { key } from "../../src/core/key.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import { storeOn } from "../support/s3-double/store-on.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

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
    [{ kind: "status", status: 503, code: "SlowDown" }, "bucket-unavailable"],
    [{ kind: "status", status: 500, code: "InternalError" }, "bucket-unavailable"],
    [{ kind: "status", status: 429, code: "TooManyRequests" }, "bucket-unavailable"],
    [{ kind: "status", status: 403, code: "AccessDenied" }, "bucket-denied"],
    [{ kind: "status", status: 404, code: "NoSuchBucket" }, "bucket-missing"],
    [{ kind: "status", status: 404, code: "NotFound" }, "bucket-missing"],
    [{ kind: "status", status: 404, code: "" }, "bucket-missing"],
  ])("%j rejects with %s after one request, and the next one works", async (fault, code) => {
    await withS3Double(fault.kind.startsWith("stall") ? SILENCE : {}, async (double, store) => {
      double.put(GRAPH, TEXT);
      double.faults.add({ operation: "GetObject" }, fault);
      await expect(store.get(GRAPH, never)).rejects.toMatchObject({ name: "KgsyncError", code });
      expect(double.requests).toHaveLength(1);
      expect((await store.get(GRAPH, never))?.size).toBe(TEXT.length);
    });
  });

  test("a body in drops comes whole", async () => {
    await withS3Double({}, async (double, store) => {
      double.put(GRAPH, TEXT);
      double.faults.add({ operation: "GetObject" }, { kind: "drip" });
      expect(Buffer.from((await store.get(GRAPH, never))?.body ?? []).toString()).toBe(TEXT);
    });
  });

  test("a body that never ends, drop by drop, ends with the signal", async () => {
    await withS3Double({}, async (double, store) => {
      double.put(GRAPH, "x".repeat(1_000_000)); // more than an hour
      double.faults.add({ operation: "GetObject" }, { kind: "drip" });
      const abort = new AbortController();
      const getting = store.get(GRAPH, abort.signal);
      await expect.poll(() => double.requests.length).toBe(1);
      abort.abort();
      await expect(getting).rejects.toMatchObject({ code: "bucket-unavailable" });
    });
  });
});

describe("head", () => {
  test("a key is absent only when a GET says so", async () => {
    await withS3Double({}, async (double, store) => {
      expect(await store.head(GRAPH, never)).toBeUndefined();
      double.faults.add({ operation: "GetObject" }, { kind: "status", status: 404, code: "NoSuchBucket" });
      await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-missing" });
      double.faults.add({ operation: "GetObject" }, { kind: "status", status: 404, code: "" });
      await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-missing" });
      double.faults.add({ operation: "HeadObject" }, { kind: "status", status: 403 });
      await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-denied" });
    });
  });

  test.each([TEXT, ""])("a key that appears between the HEAD and the GET is there: %j", async (text) => {
    await withS3Double({}, async (double, store) => {
      double.faults.add({ operation: "GetObject" }, { kind: "first", run: () => double.put(GRAPH, text) });
      expect(await store.head(GRAPH, never)).toMatchObject({ size: text.length });
    });
  });
});

describe("list", () => {
  test("a page that fails rejects, after the rows before it", async () => {
    await withS3Double({ pageSize: 2 }, async (double, store) => {
      for (const name of ["a", "b", "c"]) double.put(name, name);
      double.faults.add({ operation: "ListObjectsV2", skip: 1 }, { kind: "status", status: 503, code: "SlowDown" });
      const rows = store.list("", never)[Symbol.asyncIterator]();
      expect([(await rows.next()).value?.name, (await rows.next()).value?.name]).toEqual(["a", "b"]);
      await expect(rows.next()).rejects.toMatchObject({ code: "bucket-unavailable" });
    });
  });

  test("a server that repeats its first page for ever is an error", async () => {
    const page =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same</NextContinuationToken></ListBucketResult>";
    const server = createServer((_, response) => void response.end(page));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const store = storeOn(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    const first = store.list("", never)[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: "bucket-unavailable" });
    store.close();
    server.close();
  });
});

test("what is no S3 server is not an empty bucket", async () => {
  const server = createServer((_, response) => {
    response.writeHead(404, { "content-type": "text/html" });
    response.end("<html><body>404 page not found</body></html>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const store = storeOn(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({ code: "bucket-missing" });
  await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-missing" });
  store.close();
  server.close();
});

test("a bucket in another region is missing, and the hint names the region", async () => {
  await withS3Double({ region: "eu-west-1" }, async (_, store) => {
    const failure = await store.get(GRAPH, never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "bucket-missing", hint: expect.stringMatching(/AWS_REGION=eu-west-1/) });
  });
});

test("a key that the server does not know is denied", async () => {
  await withS3Double({ accessKeys: ["another"] }, async (_, store) => {
    await expect(store.get(GRAPH, never)).rejects.toMatchObject({ code: "bucket-denied" });
    await expect(store.head(GRAPH, never)).rejects.toMatchObject({ code: "bucket-denied" });
  });
});
