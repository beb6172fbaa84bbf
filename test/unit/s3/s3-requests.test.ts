import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeListedName } from "../../../src/adapters/s3-object-store/list-objects.ts";
import { key, parseKey } from "../../../src/core/key.ts";
import { withS3Double } from "../../support/s3-double/with-s3-double.ts";

const never = new AbortController().signal;
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-sha256": "00" } };
const large = { size: 17 * 1024 * 1024, read: async (_: number, length: number) => new Uint8Array(length) };

test("a put of 5 MiB is one signed request, without chunks and without waiting for 100-continue", async () => {
  await withS3Double({ store: { prefix: "/team/app/" } }, async (double, store) => {
    await store.put(key("graph.json"), new Uint8Array(5 * 1024 * 1024), { mode: "create" }, OPTIONS, never);
    expect(double.requests).toHaveLength(1);
    const headers = double.requests[0]?.headers ?? {};
    expect(double.requests[0]?.key).toBe("team/app/graph.json");
    expect(headers["x-amz-content-sha256"]).toMatch(/^[0-9a-f]{64}$/);
    expect(headers).toMatchObject({
      "content-length": String(5 * 1024 * 1024),
      "content-type": "application/json",
      "if-none-match": "*",
      "x-amz-meta-kgsync-sha256": "00",
    });
    for (const absent of ["expect", "transfer-encoding", "content-encoding", "x-amz-checksum-crc32", "if-match"]) {
      expect(headers).not.toHaveProperty(absent);
    }
  });
});

test.each([
  [{ sse: "AES256" }, { "x-amz-server-side-encryption": "AES256" }],
  [
    { sse: "aws:kms", sseKmsKeyId: "alias/k" },
    { "x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "alias/k" },
  ],
  [{ sse: "aws:kms:dsse" }, { "x-amz-server-side-encryption": "aws:kms:dsse" }],
] as const)("%j is sent with every put, in one request and in parts", async (options, headers) => {
  await withS3Double({ store: options }, async (double, store) => {
    await store.put(key("small"), new Uint8Array(1), { mode: "create" }, OPTIONS, never);
    await store.put(key("large"), large, { mode: "create" }, OPTIONS, never);
    for (const operation of ["PutObject", "CreateMultipartUpload"]) {
      expect(double.requests.find((request) => request.operation === operation)?.headers).toMatchObject(headers);
    }
  });
});

test("conditions stand on the last request of an upload in parts, and on no other", async () => {
  await withS3Double({}, async (double, store) => {
    await store.put(key("large"), large, { mode: "create" }, OPTIONS, never);
    const conditional = double.requests.filter(({ headers }) => headers["if-none-match"] ?? headers["if-match"]);
    expect(conditional.map(({ operation }) => operation)).toEqual(["CompleteMultipartUpload"]);
  });
});

test("the bucket stands in the host name when path style is off", async () => {
  // No name resolves to the double with a bucket before it, so the request goes by way of a proxy, which is the double.
  await withS3Double({}, async (double, _store) => {
    const { storeOn } = await import("../../support/s3-double/store-on.ts");
    const proxyEnv = { HTTP_PROXY: double.endpoint };
    const store = storeOn("http://s3.example", { pathStyle: false, proxyEnv });
    await store.get(key("graph.json"), never).catch(() => undefined);
    store.close();
    expect(double.requests[0]?.headers["host"]).toBe("bucket.s3.example");
  });
});

test("a listing gives every name exactly, on however many pages", async () => {
  const name = fc
    .string({ unit: "binary", minLength: 1, maxLength: 20 })
    .filter((text) => parseKey(text) !== undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (names, pageSize) => {
        await withS3Double({ pageSize, store: { prefix: "a b" } }, async (double, store) => {
          for (const each of names) double.put(`a b/${each}`, each);
          double.put("a bc", "not ours");
          const found: string[] = [];
          for await (const row of store.list("", never)) found.push(row.name);
          expect(found.sort()).toEqual([...names].sort());
        });
      },
    ),
    { numRuns: 40 },
  );
});

test("names that a server does not encode are taken as they are", () => {
  expect(decodeListedName("a+b%20c", undefined)).toBe("a+b%20c");
  expect(decodeListedName("a+b%20c%2B%e2%82%AC", "url")).toBe("a b c+€");
  expect(decodeListedName("bad%zz%", "url")).toBe("bad%zz%");
});

test("the store's name shows where it is and nothing secret", async () => {
  const { storeOn } = await import("../../support/s3-double/store-on.ts");
  const store = storeOn("https://user:secret@s3.example:9000/path", { prefix: "a/b/" });
  expect(store.name).toBe("s3://bucket/a/b at https://s3.example:9000");
  store.close();
});
