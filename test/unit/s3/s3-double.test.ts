import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { PROFILES, type S3Profile } from "../../support/s3-double/s3-profile.ts";
import { type S3Double, startS3Double } from "../../support/s3-double/start-s3-double.ts";

/** The double must be stricter than a real server, or what passes on it proves nothing. */
type Answer = { readonly status: number; readonly headers: Headers; readonly text: string };

const on = async (double: S3Double, method: string, path: string, headers = {}, body?: string): Promise<Answer> => {
  const signed = { authorization: "Credential=key/20260101/us-east-1/s3/aws4_request", ...headers };
  const answer = await fetch(`${double.endpoint}/${path}`, { method, headers: signed, body: body ?? null });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
};

const withDouble = async (profile: S3Profile, run: (double: S3Double) => Promise<void>): Promise<void> => {
  const double = await startS3Double({ profile, region: "us-east-1" });
  try {
    await run(double);
  } finally {
    await double.close();
  }
};

test("a body that is not what its headers promise is refused", async () => {
  await withDouble("aws", async (double) => {
    const sha256 = createHash("sha256").update("right").digest("hex");
    const put = (headers: object, body = "right") => on(double, "PUT", "bucket/a", headers, body);
    expect((await put({ "x-amz-content-sha256": sha256 }, "wrong")).text).toContain("XAmzContentSHA256Mismatch");
    expect((await put({ "content-md5": "AAAA" })).status).toBe(400);
    expect((await put({ "x-amz-checksum-crc32": "AAAA" })).status).toBe(400);
    expect((await put({ "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" })).status).toBe(411);
    expect(double.objects.size).toBe(0);
    expect((await put({ "x-amz-content-sha256": sha256 })).status).toBe(200);
  });
});

/** Status of a put: create on an existing key, stale update, right quoted update, right bare update, update of nothing. */
test.each<[S3Profile, readonly number[]]>([
  ["aws", [412, 412, 200, 200, 404]],
  ["partial", [412, 412, 200, 200, 412]],
  ["bare-etag", [412, 412, 412, 200, 412]],
  ["ceph16", [412, 412, 412, 200, 412]],
  ["reject-501", [501, 501, 501, 501, 501]],
  ["ignore-all", [200, 200, 200, 200, 200]],
  ["create-only-412", [412, 412, 412, 412, 412]],
  ["create-only-ignores", [412, 200, 200, 200, 200]],
  ["create-only-rejects", [412, 501, 501, 501, 501]],
])("%s answers conditional puts with %j", async (profile, expected) => {
  await withDouble(profile, async (double) => {
    const put = async (key: string, headers: object) => (await on(double, "PUT", `bucket/${key}`, headers, "x")).status;
    const { etag } = double.put("a", "x");
    const bare = etag.slice(1, -1);
    const found = [
      await put("a", { "if-none-match": "*" }),
      await put("a", { "if-match": '"stale"' }),
      await put("a", { "if-match": etag }),
      await put("a", { "if-match": bare }),
      await put("none", { "if-match": etag }),
    ];
    expect(found).toEqual(expected);
  });
});

test("every profile is in the table above", () => {
  const table = ["aws", "partial", "bare-etag", "ceph16", "reject-501", "ignore-all"];
  const createOnly = ["create-only-412", "create-only-ignores", "create-only-rejects"];
  expect(Object.keys(PROFILES).sort()).toEqual([...table, ...createOnly].sort());
});

test("conditions that S3 does not know are refused", async () => {
  await withDouble("aws", async (double) => {
    const { etag } = double.put("a", "x");
    const status = async (method: string, path: string, headers: object) =>
      (await on(double, method, path, headers)).status;
    expect(await status("PUT", "bucket/a", { "if-none-match": etag })).toBe(501);
    expect(await status("PUT", "bucket/a", { "if-none-match": "*", "if-match": etag })).toBe(501);
    expect(await status("POST", "bucket/a?uploads", { "if-none-match": "*" })).toBe(501);
  });
});

test("GET honours Range, If-Match and If-None-Match", async () => {
  await withDouble("aws", async (double) => {
    const { etag } = double.put("a", "0123456789");
    const get = (headers: object) => on(double, "GET", "bucket/a", headers);
    expect(await get({ range: "bytes=2-4" })).toMatchObject({ status: 206, text: "234" });
    expect(await get({ range: "bytes=8-" })).toMatchObject({ status: 206, text: "89" });
    expect((await get({ range: "bytes=10-" })).status).toBe(416);
    expect((await get({ "if-match": '"other"' })).status).toBe(412);
    expect((await get({ "if-match": etag })).status).toBe(200);
    expect((await get({ "if-none-match": etag })).status).toBe(304);
  });
});

test("the bucket may stand in the host name", async () => {
  await withDouble("aws", async (double) => {
    double.put("folder/a", "here");
    const { port } = new URL(double.endpoint);
    const headers = { host: "bucket.s3.example", authorization: "Credential=key/20260101/us-east-1/s3/x" };
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ port, host: "127.0.0.1", path: "/folder/a", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject).end();
    });
    expect(status).toBe(200);
  });
});

test("another region, another bucket, and no operation of S3 are refused", async () => {
  await withDouble("aws", async (double) => {
    const elsewhere = { authorization: "Credential=key/20260101/eu-west-1/s3/aws4_request" };
    expect((await on(double, "GET", "bucket/a", elsewhere)).text).toContain("<Region>us-east-1</Region>");
    expect((await on(double, "GET", "other/a")).text).toContain("NoSuchBucket");
    expect((await on(double, "PATCH", "bucket/a")).status).toBe(501);
  });
});

test("a fault that never fires fails its test", async () => {
  await withDouble("aws", async (double) => {
    double.faults.add({ operation: "GetObject", key: "never" }, { kind: "drip" });
    expect(() => double.faults.expectAllPlayed()).toThrow(/drip on .*never/);
  });
});
