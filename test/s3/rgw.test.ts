import { randomUUID } from "node:crypto";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createS3ObjectStore } from "../../src/adapters/s3-object-store/create-s3-object-store.ts";
import type { S3ObjectStore, S3Options } from "../../src/adapters/s3-object-store/s3-options.ts";
import { key, parseKey } from "../../src/core/key.ts";
import { objectStoreConformance } from "../conformance/object-store.ts";
import { TEST_OPTIONS } from "../support/s3-double/store-on.ts";

/** Against a real server: run by scripts/test-s3.sh. Without one, these tests fail. */
const endpoint = process.env["KGSYNC_TEST_S3_ENDPOINT"] ?? "";
if (endpoint === "") throw new Error("KGSYNC_TEST_S3_ENDPOINT is not set: run scripts/test-s3.sh");
const bucket = `kgsync-test-${randomUUID()}`;
const JSON_PUT = { contentType: "application/json", metadata: { "kgsync-write": "1" } };
const never = new AbortController().signal;

const open = (more: Partial<S3Options> = {}): S3ObjectStore =>
  createS3ObjectStore({ ...TEST_OPTIONS, credentials: undefined, endpoint, bucket, prefix: randomUUID(), ...more });

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const names = async (store: S3ObjectStore): Promise<string[]> => {
  const found: string[] = [];
  for await (const { name } of store.list("", never)) found.push(name);
  return found;
};

const plain = new S3Client({ endpoint, forcePathStyle: true, region: "us-east-1" });
beforeAll(async () => {
  await plain.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(() => plain.destroy());

/**
 * Ceph RGW 16 answers some updates that lost a race with 500 UnknownError, which the adapter must call unknown. Of 152 seen
 * none was applied. The race takes them as conflicts: had one been applied, its count would come out too high.
 */
const takingLostRaces = (store: S3ObjectStore): S3ObjectStore => ({
  ...store,
  put: async (name, body, mode, options, signal) => {
    const answer = await store.put(name, body, mode, options, signal);
    const lost =
      answer.outcome === "unknown" && mode.mode === "update" && String(answer.cause).includes("500 UnknownError");
    return lost ? { outcome: "conflict" } : answer;
  },
});

objectStoreConformance("S3, a real server", async () => {
  const prefix = `conformance/${randomUUID()}`;
  return { open: () => takingLostRaces(open({ prefix })) };
});

test("a bucket that does not exist is told from an absent key, for every call", async () => {
  const store = open({ bucket: `kgsync-none-${randomUUID()}` });
  const missing = { code: "bucket-missing" };
  const name = key("graph.json");
  await expect(store.get(name, never)).rejects.toMatchObject(missing);
  await expect(store.head(name, never)).rejects.toMatchObject(missing);
  await expect(names(store)).rejects.toMatchObject(missing);
  for (const mode of [{ mode: "create" }, { mode: "overwrite" }] as const) {
    await expect(store.put(name, bytes("{}"), mode, JSON_PUT, never)).rejects.toMatchObject(missing);
  }
  store.close();
});

test("keys that the server does not know, and a wrong secret, are denied and not absent", async () => {
  const wrong = { accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "", secretAccessKey: "wrong-secret" };
  for (const credentials of [{ accessKeyId: "nobody", secretAccessKey: "x" }, wrong]) {
    const store = open({ credentials });
    const failure = await store.get(key("graph.json"), never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "bucket-denied" });
    expect(String(failure)).not.toContain(credentials.secretAccessKey);
    store.close();
  }
});

test("the names of keys are what any S3 client sees", async () => {
  const store = open({ prefix: "seen/by others" });
  const name = "ä+b c%41&=?.json";
  const Key = `seen/by others/${name}`;
  await plain.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "theirs", Metadata: { a: "b" } }));
  expect(await names(store)).toEqual([name]);
  const found = await store.get(parseKey(name) ?? key("x"), never);
  expect(found).toMatchObject({ metadata: { a: "b" }, body: bytes("theirs") });
  store.close();
});

test("an upload that is aborted leaves no parts, and the learned ETag form serves the next client", async () => {
  const store = open({ prefix: "parts" });
  const abort = new AbortController();
  const size = 40 * 1024 * 1024;
  const body = {
    size,
    read: async (offset: number, length: number) => {
      if (offset > size / 2) abort.abort();
      return new Uint8Array(length);
    },
  };
  const answer = store.put(key("large"), body, { mode: "create" }, JSON_PUT, abort.signal);
  await expect(answer).rejects.toMatchObject({ code: "bucket-unavailable" });
  expect(await store.head(key("large"), never)).toBeUndefined();
  expect(await store.abortLeftovers("", never)).toBe(0);
  const first = await store.put(key("one"), bytes("1"), { mode: "create" }, JSON_PUT, never);
  if (first.outcome !== "stored") throw new Error("not stored");
  const update = { mode: "update", etag: first.etag } as const;
  expect(await store.put(key("one"), bytes("2"), update, JSON_PUT, never)).toMatchObject({ outcome: "stored" });
  const next = open({ prefix: "parts", etagForm: store.etagForm() });
  expect(await next.put(key("one"), bytes("3"), update, JSON_PUT, never)).toEqual({ outcome: "conflict" });
  store.close();
  next.close();
});
