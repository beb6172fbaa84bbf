import { describe, expect, test } from "vitest";
import type { S3ObjectStore } from "../../src/adapters/s3-object-store/s3-options.ts";
import { key } from "../../src/core/key.ts";
import type { S3Fault } from "../support/s3-double/s3-faults.ts";
import type { S3Double } from "../support/s3-double/start-s3-double.ts";
import { storeOn } from "../support/s3-double/store-on.ts";
import { withS3Double } from "../support/s3-double/with-s3-double.ts";

// GETs after the first go past the SDK's middleware (repeat-get.ts): nobody outside may notice.
const FIRST = key("first.json");
const NEXT = key("folder/next-1~.json");
const TEXT = "the whole of it";
const never = new AbortController().signal;
const SILENCE = { store: { requestTimeoutMs: 1_000 } };

/** A double with two objects, and a store that has fetched the first. */
const afterFirst = (
  options: Parameters<typeof withS3Double>[0],
  run: (double: S3Double, store: S3ObjectStore) => Promise<void>,
): Promise<void> =>
  withS3Double(options, async (double, store) => {
    double.put(FIRST, "first");
    double.put(NEXT, TEXT, { "kgsync-sha256": "00", two: "b" });
    expect((await store.get(FIRST, never))?.size).toBe(5);
    await run(double, store);
  });

const text = async (store: S3ObjectStore, name = NEXT): Promise<string> =>
  Buffer.from((await store.get(name, never))?.body ?? []).toString();

/** What differs from one request to the next, whoever sends it. */
const passing = new Set(["authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request"]);
const lasting = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !passing.has(name)));
const signedHeaders = (authorization = ""): readonly string[] =>
  (/SignedHeaders=([^,]*)/.exec(authorization)?.[1] ?? "").split(";").filter((name) => !passing.has(name));

describe("a get after the first", () => {
  test("gives what a first one gives, by a request that is like the SDK's", async () => {
    await afterFirst({}, async (double, store) => {
      const again = await store.get(NEXT, never);
      const other = storeOn(double.endpoint);
      expect(again).toEqual(await other.get(NEXT, never));
      other.close();
      expect(again).toMatchObject({ size: TEXT.length, metadata: { "kgsync-sha256": "00", two: "b" } });
      const [, ours, sdks] = double.requests;
      expect(ours?.headers["amz-sdk-invocation-id"]).toBeUndefined(); // it did not come from the SDK's middleware
      expect(lasting(ours?.headers)).toEqual(lasting(sdks?.headers));
      expect(signedHeaders(ours?.headers["authorization"])).toEqual(signedHeaders(sdks?.headers["authorization"]));
      expect([ours?.key, ours?.region, ours?.accessKey, `${ours?.query}`]).toEqual([
        sdks?.key,
        sdks?.region,
        sdks?.accessKey,
        `${sdks?.query}`,
      ]);
    });
  });

  test.each(["a b.json", "ü.json", "a+b%20c.json", "quote'(1)!.json", "a//b.json"])(
    "finds a name that has to be encoded: %s",
    async (name) => {
      await afterFirst({}, async (double, store) => {
        double.put(name, TEXT);
        const given = name as typeof NEXT; // `a//b` is no key; a prefix may hold such
        expect(await text(store, given)).toBe(TEXT);
      });
    },
  );

  test("knows an absent key, and an empty object", async () => {
    await afterFirst({}, async (double, store) => {
      expect(await store.get(key("absent"), never)).toBeUndefined();
      double.put("empty", "");
      await store.get(FIRST, never);
      expect(await store.get(key("empty"), never)).toMatchObject({ size: 0 });
    });
  });

  test("in a body that comes in drops is whole", async () => {
    await afterFirst({}, async (double, store) => {
      double.faults.add({ key: NEXT }, { kind: "drip" });
      expect(await text(store)).toBe(TEXT);
    });
  });

  test.each<[S3Fault, string]>([
    [{ kind: "truncated-body" }, "bucket-unavailable"],
    [{ kind: "stall-body" }, "bucket-unavailable"],
    [{ kind: "stall-headers" }, "bucket-unavailable"],
    [{ kind: "reset-before-commit" }, "bucket-unavailable"],
  ])("%j rejects with %s after one request, and the next one works", async (fault, code) => {
    await afterFirst(fault.kind.startsWith("stall") ? SILENCE : {}, async (double, store) => {
      double.faults.add({ key: NEXT }, fault);
      await expect(store.get(NEXT, never)).rejects.toMatchObject({ name: "KgsyncError", code });
      expect(double.requests).toHaveLength(2);
      expect(await text(store)).toBe(TEXT);
    });
  });

  test.each<[number, string, string]>([
    [503, "SlowDown", "bucket-unavailable"],
    [500, "InternalError", "bucket-unavailable"],
    [403, "AccessDenied", "bucket-denied"],
    [403, "ExpiredToken", "bucket-denied"],
    [404, "NoSuchBucket", "bucket-missing"],
    [404, "", "bucket-missing"],
    [301, "PermanentRedirect", "bucket-missing"],
  ])("an answer of %i %s is asked again by the SDK, whose words count: %s", async (status, word, code) => {
    await afterFirst({}, async (double, store) => {
      double.faults.add({ key: NEXT }, { kind: "status", status, code: word });
      expect(await text(store)).toBe(TEXT); // it has passed
      double.faults.add({ key: NEXT }, { kind: "status", status, code: word }, 2);
      await expect(store.get(NEXT, never)).rejects.toMatchObject({ name: "KgsyncError", code });
      expect(await text(store)).toBe(TEXT);
    });
  });

  test("a clock that the server finds off is corrected", async () => {
    await afterFirst({}, async (double, store) => {
      const date = new Date(Date.now() + 3_600_000).toUTCString();
      const skewed: S3Fault = { kind: "status", status: 403, code: "RequestTimeTooSkewed", headers: { date } };
      double.faults.add({ key: NEXT }, skewed, 2);
      expect(await text(store)).toBe(TEXT);
      const signedAt = double.requests.at(-1)?.headers["x-amz-date"]?.slice(0, 11);
      const hour = new Date(date).toISOString().replaceAll(/[-:]/g, "").slice(0, 11);
      expect(signedAt).toBe(hour);
    });
  });

  test("ends with its signal: before it is sent, and while the body comes", async () => {
    await afterFirst({}, async (double, store) => {
      await expect(store.get(NEXT, AbortSignal.abort())).rejects.toMatchObject({ code: "bucket-unavailable" });
      double.put(NEXT, "x".repeat(1_000_000));
      double.faults.add({ key: NEXT }, { kind: "drip" });
      const abort = new AbortController();
      const sent = double.requests.length;
      const getting = store.get(NEXT, abort.signal);
      await expect.poll(() => double.requests.length).toBe(sent + 1);
      abort.abort();
      await expect(getting).rejects.toMatchObject({ code: "bucket-unavailable" });
    });
  });
});

test("gets that begin beside the first wait until it is sent: one request each, one of them the SDK's", async () => {
  await withS3Double({}, async (double, store) => {
    const names = Array.from({ length: 20 }, (_, n) => key(`backup-${n}`));
    for (const name of names) double.put(name, name);
    expect(await Promise.all(names.map((name) => text(store, name)))).toEqual(names);
    expect(double.requests).toHaveLength(names.length);
    expect(double.requests.filter(({ headers }) => headers["amz-sdk-invocation-id"] !== undefined)).toHaveLength(1);
  });
});

test("when the first fails, those that waited for it ask by themselves", async () => {
  await withS3Double({}, async (double, store) => {
    double.put(FIRST, "first");
    double.put(NEXT, TEXT);
    double.faults.add({ key: FIRST }, { kind: "reset-before-commit" });
    const [first, next] = await Promise.allSettled([store.get(FIRST, never), text(store)]);
    expect([first?.status, next]).toEqual(["rejected", { status: "fulfilled", value: TEXT }]);
  });
});

test("no get waits for the answer to another", async () => {
  await withS3Double({}, async (double, store) => {
    double.put(FIRST, "first");
    double.put(NEXT, TEXT);
    double.faults.add({ key: FIRST }, { kind: "stall-headers" });
    const abort = new AbortController();
    const first = store.get(FIRST, abort.signal);
    expect(await text(store)).toBe(TEXT);
    expect(double.requests.map(({ key: asked }) => asked)).toEqual([FIRST, NEXT]);
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: "bucket-unavailable" });
  });
});

test("what is signed otherwise than we sign is left to the SDK", async () => {
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  let asked = 0;
  /** Another secret each time: the one that the first request was signed with is never seen again. */
  const changing = () => ({ ...credentials, secretAccessKey: `secret${asked++}` });
  await withS3Double({ store: { credentials: changing } }, async (double, store) => {
    for (const name of [FIRST, NEXT]) {
      double.put(name, name);
      expect(await text(store, name)).toBe(name);
    }
    expect(double.requests.map(({ headers }) => headers["amz-sdk-invocation-id"] !== undefined)).toEqual([true, true]);
  });
});

test("a token of temporary credentials is sent and signed", async () => {
  const credentials = { accessKeyId: "key", secretAccessKey: "secret", sessionToken: "a token" };
  await withS3Double({ store: { credentials } }, async (double, store) => {
    for (const name of [FIRST, NEXT]) {
      double.put(name, name);
      expect(await text(store, name)).toBe(name);
    }
    const [first, next] = double.requests.map(({ headers }) => headers);
    expect(next?.["amz-sdk-invocation-id"]).toBeUndefined();
    expect(next?.["x-amz-security-token"]).toBe("a token");
    expect(signedHeaders(next?.["authorization"])).toEqual(signedHeaders(first?.["authorization"]));
  });
});

const listed = async (store: S3ObjectStore, prefix = "") => {
  const rows = [];
  for await (const found of store.list(prefix, never)) rows.push(found);
  return rows;
};

describe("a listing after a get", () => {
  const NAMES = ["a b.json", "a+b%20c.json", "ü/<&>\"'.json", "x".repeat(200), "line\nbreak", FIRST, NEXT].toSorted();

  test("gives what the SDK's gives, page by page, by requests that are like the SDK's", async () => {
    await afterFirst({ pageSize: 2 }, async (double, store) => {
      for (const name of NAMES) double.put(name, name);
      const since = double.requests.length;
      const ours = await listed(store);
      const between = double.requests.length;
      const other = storeOn(double.endpoint);
      expect(ours).toEqual(await listed(other));
      expect(ours.map(({ name }) => name).toSorted()).toEqual(NAMES);
      other.close();
      const [mine, theirs] = [double.requests.slice(since, between), double.requests.slice(between)];
      expect(mine.map(({ query }) => `${query}`.split("&").toSorted())).toEqual(
        theirs.map(({ query }) => `${query}`.split("&").toSorted()),
      );
      /** Its end counts which of the SDK's features were used. */
      const told = (all: typeof mine) => all.map(({ headers: { "user-agent": _, ...rest } }) => lasting(rest));
      expect(told(mine)).toEqual(told(theirs));
      expect(mine.every(({ headers }) => headers["amz-sdk-invocation-id"] === undefined)).toBe(true);
      expect(theirs.every(({ headers }) => headers["amz-sdk-invocation-id"] !== undefined)).toBe(true);
    });
  });

  test.each<[number, string, string]>([
    [503, "SlowDown", "bucket-unavailable"],
    [403, "AccessDenied", "bucket-denied"],
    [404, "NoSuchBucket", "bucket-missing"],
  ])("an answer of %i %s is asked again by the SDK, whose words count: %s", async (status, word, code) => {
    await afterFirst({}, async (double, store) => {
      const whole = await listed(store);
      double.faults.add({ operation: "ListObjectsV2" }, { kind: "status", status, code: word });
      expect(await listed(store)).toEqual(whole); // it has passed
      double.faults.add({ operation: "ListObjectsV2" }, { kind: "status", status, code: word }, 2);
      await expect(listed(store)).rejects.toMatchObject({ name: "KgsyncError", code });
    });
  });

  test("that is cut short rejects after one request", async () => {
    await afterFirst({}, async (double, store) => {
      const since = double.requests.length;
      double.faults.add({ operation: "ListObjectsV2" }, { kind: "truncated-body" });
      await expect(listed(store)).rejects.toMatchObject({ code: "bucket-unavailable" });
      expect(double.requests.length - since).toBe(1);
    });
  });
});
