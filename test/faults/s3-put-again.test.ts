import { afterEach, describe, expect, test, vi } from "vitest";
import type { S3ObjectStore, S3Options } from "../../src/adapters/s3-object-store/s3-options.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore, PutMode } from "../../src/ports/object-store.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import type { S3Double, S3DoubleOptions } from "../support/s3-double/start-s3-double.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

// Puts after the first go past the SDK's middleware (repeat-put.ts): nobody outside may notice.
const FIRST = key("first.json");
const NEXT = key("folder/next-1~.json");
const BODY = new TextEncoder().encode("the whole of it");
const never = new AbortController().signal;
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-sha256": "00", two: "b" } };
const MODES = {
  create: { mode: "create" },
  update: { mode: "update", etag: etag('"0123456789abcdef0123456789abcdef"') },
  overwrite: { mode: "overwrite" },
} as const;
const KINDS = ["create", "update", "overwrite"] as const;

const putFirst = (store: ObjectStore) =>
  store.put(FIRST, new Uint8Array(1), MODES.create, { contentType: "text/plain", metadata: { other: "1" } }, never);
const putNext = (store: ObjectStore, mode: PutMode = MODES.create, name = NEXT, signal = never) =>
  store.put(name, BODY, mode, OPTIONS, signal);

type Options = S3DoubleOptions & { readonly store?: Partial<S3Options> };
type Run<T> = (double: S3Double, store: S3ObjectStore) => Promise<T>;

const on = async <T>(options: Options, run: Run<T>): Promise<T> => {
  const got: T[] = [];
  await withS3Double(options, async (double, store) => void got.push(await run(double, store)));
  const [only] = got;
  if (only === undefined) throw new Error("the test gave nothing");
  return only;
};

/** What a store does for which the put is the first, which is the SDK's; and one for which it is not. */
const both = async <T>(options: Options, run: Run<T>): Promise<readonly [T, T]> => [
  await on(options, run),
  await on(options, async (double, store) => {
    await putFirst(store);
    return await run(double, store);
  }),
];

/** What differs from one request to the next, whoever sends it. */
const passing = new Set(["authorization", "x-amz-date", "host", "amz-sdk-invocation-id", "amz-sdk-request"]);
const lastPut = ({ requests }: S3Double) => requests.findLast(({ operation }) => operation === "PutObject");
const isOurs = (double: S3Double): boolean => lastPut(double)?.headers["amz-sdk-invocation-id"] === undefined;

const lastRequest = (double: S3Double) => {
  const { headers = {}, query, body, method, key: asked } = lastPut(double) ?? {};
  const signed = (/SignedHeaders=([^,]*)/.exec(headers["authorization"] ?? "")?.[1] ?? "").split(";");
  return {
    method,
    asked,
    query: String(query),
    body: body?.toString(),
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name))),
    signed: signed.filter((name) => !name.startsWith("amz-sdk-")),
  };
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the request is the SDK's, header by header", () => {
  test.each<[string, Options["store"]]>([
    ["plain", {}],
    ["below a prefix", { prefix: "team/app" }],
    ["encrypted by S3", { sse: "AES256" }],
    ["encrypted by a key", { sse: "aws:kms", sseKmsKeyId: "alias/k" }],
    ["with a token", { credentials: { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "a token" } }],
  ])("%s", async (_, store = {}) => {
    for (const kind of KINDS) {
      const [sdks, ours] = await both({ store }, async (double, s3) => {
        await putNext(s3, MODES[kind]);
        return { ...lastRequest(double), ours: isOurs(double) };
      });
      expect([sdks.ours, ours.ours]).toEqual([false, true]);
      expect(ours).toEqual({ ...sdks, ours: true });
      expect(ours.headers["x-amz-meta-other"]).toBeUndefined(); // of the one before
    }
  });

  test("with a checksum beside the digest", async () => {
    vi.stubEnv("AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_SUPPORTED");
    const [sdks, ours] = await both({}, async (double, store) => {
      expect((await putNext(store)).outcome).toBe("stored");
      return { ...lastRequest(double), ours: isOurs(double) };
    });
    expect(ours).toEqual({ ...sdks, ours: true });
    expect(ours.headers["x-amz-checksum-crc32"]).toMatch(/^.{8}$/);
  });

  test.each([0, 1, 100_000])("and a body of %i bytes", async (size) => {
    const [sdks, ours] = await both({}, async (double, store) => {
      await store.put(NEXT, new Uint8Array(size).fill(7), MODES.create, OPTIONS, never);
      return { ...lastRequest(double), ours: isOurs(double) };
    });
    expect(ours).toEqual({ ...sdks, ours: true });
  });
});

/** An outcome without its cause, or all that a person and a caller see of a rejection. */
const ending = (answer: Promise<object>): Promise<unknown> =>
  answer.then(
    (outcome) => ("cause" in outcome ? { ...outcome, cause: told(outcome.cause) } : outcome),
    (thrown: unknown) => told(thrown),
  );
const told = (thrown: unknown): unknown =>
  thrown instanceof KgsyncError
    ? [thrown.code, thrown.retryable, thrown.hint, thrown.message.replaceAll(/127\.0\.0\.1:\d+/g, "server")]
    : String(thrown);

const status = (code: number, name: string, headers = {}): S3Fault => ({
  kind: "status",
  status: code,
  code: name,
  headers,
});

describe.each(KINDS)("%s ends as the SDK's ends, after one request", (kind) => {
  test.each<S3Fault>([
    { kind: "commit-then-reset" },
    { kind: "reset-before-commit" },
    { kind: "commit-then-stall" },
    { kind: "stall-headers" },
    { kind: "error-in-200" },
    status(500, "InternalError"),
    status(503, "SlowDown", { "retry-after": "1" }),
    status(429, "TooManyRequests"),
    status(408, "RequestTimeout"),
    status(400, "RequestTimeout"),
    status(400, "BadDigest"),
    status(400, "ExpiredToken"),
    status(403, "AccessDenied"),
    status(403, "RequestTimeTooSkewed"),
    status(404, "NoSuchBucket"),
    status(404, "NoSuchKey"),
    status(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-west-1" }),
    status(412, "PreconditionFailed"),
    status(501, "NotImplemented"),
    status(405, "MethodNotAllowed"),
    status(400, "InvalidArgument"),
    status(507, ""),
  ])("%j", async (fault) => {
    const store = fault.kind.includes("stall") ? { requestTimeoutMs: 1_000 } : {};
    const [sdks, ours] = await both({ store }, async (double, s3) => {
      const before = double.count("PutObject");
      double.faults.add({ operation: "PutObject", key: NEXT }, fault);
      const end = await ending(putNext(s3, MODES[kind]));
      return { end, sent: double.count("PutObject") - before, there: double.objects.has(NEXT) };
    });
    expect(ours).toEqual(sdks);
    expect(ours.sent).toBe(1);
  });
});

test("a clock that the server finds off is corrected", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    double.faults.add({ key: NEXT }, status(403, "RequestTimeTooSkewed", { date }));
    expect((await putNext(store)).outcome).toBe("stored");
    const hour = new Date(date).toISOString().replaceAll(/[-:]/g, "").slice(0, 11);
    expect(double.requests.at(-1)?.headers["x-amz-date"]?.slice(0, 11)).toBe(hour);
    expect(double.requests).toHaveLength(3);
  });
});

test.each(["a b.json", "ü.json", "a+b%20c.json", "quote'(1)!.json"])(
  "a name that has to be encoded is the SDK's to encode: %s",
  async (name) => {
    await withS3Double({}, async (double, store) => {
      await putFirst(store);
      expect((await putNext(store, MODES.create, key(name))).outcome).toBe("stored");
      expect(isOurs(double)).toBe(false);
      expect(double.objects.get(name)?.body.toString()).toBe("the whole of it");
    });
  },
);

test("a value that might be encoded or trimmed is the SDK's", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    await store.put(NEXT, BODY, MODES.create, { ...OPTIONS, metadata: { spaced: "two words" } }, never);
    expect(isOurs(double)).toBe(false);
  });
});

test("what is signed otherwise than we sign is left to the SDK", async () => {
  let asked = 0;
  const changing = () => ({ accessKeyId: "key", secretAccessKey: `secret${asked++}` });
  await withS3Double({ store: { credentials: changing } }, async (double, store) => {
    await putFirst(store);
    await putNext(store);
    expect(isOurs(double)).toBe(false);
  });
});

test("after an answer that may blame the request, the next one is the SDK's, and those after it are like it", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    double.faults.add({ key: NEXT }, status(403, "AccessDenied"));
    await expect(putNext(store)).rejects.toMatchObject({ code: "bucket-denied" });
    const seen: boolean[] = [];
    for (const name of ["a", "b"]) {
      await putNext(store, MODES.create, key(name));
      seen.push(isOurs(double));
    }
    expect(seen).toEqual([false, true]);
  });
});

test("a lost race is told again and again without the SDK's pattern being lost", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    expect(await putNext(store)).toMatchObject({ outcome: "stored" });
    expect(await putNext(store)).toEqual({ outcome: "conflict" });
    expect(await putNext(store)).toEqual({ outcome: "conflict" });
    expect([isOurs(double), double.requests.length]).toEqual([true, 4]);
  });
});

test("ends with its signal: nothing is sent, or what was sent is unknown", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    await expect(putNext(store, MODES.create, NEXT, AbortSignal.abort())).rejects.toMatchObject({
      code: "bucket-unavailable",
    });
    expect(double.requests).toHaveLength(1);
    await putFirst(store);
    const abort = new AbortController();
    double.faults.add({ key: NEXT }, { kind: "first", run: () => abort.abort() });
    expect(await putNext(store, MODES.create, NEXT, abort.signal)).toMatchObject({ outcome: "unknown" });
  });
});

test("many puts side by side use few sockets again and again", async () => {
  await withS3Double({}, async (double, store) => {
    await putFirst(store);
    const names = Array.from({ length: 200 }, (_, n) => key(`backup-${n}`));
    await Promise.all(names.map((name) => putNext(store, MODES.create, name)));
    expect(double.requests).toHaveLength(201);
    expect(double.requests.filter(({ headers }) => headers["amz-sdk-invocation-id"] !== undefined)).toHaveLength(1);
    expect([...double.objects.keys()].sort()).toEqual([FIRST, ...names].sort());
  });
});
