import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createS3ObjectStore } from "../../../src/adapters/s3-object-store/create-s3-object-store.ts";
import { key } from "../../../src/core/key.ts";
import { type HttpServer, startHttp } from "../../support/s3-double/start-http.ts";
import { type S3Double, startS3Double } from "../../support/s3-double/start-s3-double.ts";
import { TEST_OPTIONS } from "../../support/s3-double/store-on.ts";
import { tempDir } from "../../support/temp-dir.ts";

const never = new AbortController().signal;
const EXPIRES = "2099-01-01T00:00:00Z";

let double: S3Double;
let dir: string;
let issuer: HttpServer;

beforeEach(async () => {
  dir = await tempDir();
  double = await startS3Double();
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", join(dir, "no-config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(dir, "credentials"));
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  issuer = await startHttp((request, response) => {
    const path = request.url ?? "";
    const granted = {
      AccessKeyId: "ISSUED",
      SecretAccessKey: "s",
      Token: "TOKEN",
      Expiration: EXPIRES,
      Code: "Success",
    };
    if (path === "/") {
      response.setHeader("content-type", "text/xml");
      response.end(`<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>ISSUED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>TOKEN</SessionToken>
<Expiration>${EXPIRES}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`);
    } else if (path.endsWith("/api/token")) {
      response.setHeader("x-aws-ec2-metadata-token-ttl-seconds", "21600");
      response.end("imds");
    } else if (/security-credentials(-extended)?\/?$/.test(path)) {
      response.end("role");
    } else {
      response.end(JSON.stringify(granted));
    }
  });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await double.close();
  await issuer.close();
});

/** The access key and session token that a request is signed with. */
const signedWith = async (): Promise<readonly unknown[]> => {
  const store = createS3ObjectStore({ ...TEST_OPTIONS, credentials: undefined, endpoint: double.endpoint });
  try {
    expect(await store.get(key("graph.json"), never)).toBeUndefined();
  } finally {
    store.close();
  }
  const [request] = double.requests;
  return [request?.accessKey, request?.headers["x-amz-security-token"]];
};

test("environment", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "FROMENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  vi.stubEnv("AWS_SESSION_TOKEN", "T");
  expect(await signedWith()).toEqual(["FROMENV", "T"]);
});

test("profile", async () => {
  await writeFile(join(dir, "credentials"), "[work]\naws_access_key_id = FROMPROFILE\naws_secret_access_key = s\n");
  vi.stubEnv("AWS_PROFILE", "work");
  expect(await signedWith()).toEqual(["FROMPROFILE", undefined]);
});

test("web identity, as Kubernetes service accounts have it", async () => {
  const file = join(dir, "token");
  await writeFile(file, "jwt");
  vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", file);
  vi.stubEnv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/kgsync");
  vi.stubEnv("AWS_ENDPOINT_URL_STS", issuer.url);
  expect(await signedWith()).toEqual(["ISSUED", "TOKEN"]);
});

test("container, as pods and tasks have it", async () => {
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${issuer.url}/credentials`);
  vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer x");
  expect(await signedWith()).toEqual(["ISSUED", "TOKEN"]);
});

test("instance", async () => {
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", undefined);
  vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", issuer.url);
  expect(await signedWith()).toEqual(["ISSUED", "TOKEN"]);
});

test("none: denied, with a hint, and no request", async () => {
  await expect(signedWith()).rejects.toMatchObject({
    code: "bucket-denied",
    hint: expect.stringMatching(/AWS_ACCESS_KEY_ID/),
  });
  expect(double.requests).toEqual([]);
});

test("an issuer that does not answer ends with the signal", async () => {
  const asked = Promise.withResolvers<void>();
  const silent = await startHttp(() => asked.resolve());
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `${silent.url}/credentials`);
  vi.stubEnv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer x");
  const store = createS3ObjectStore({ ...TEST_OPTIONS, credentials: undefined, endpoint: double.endpoint });
  const abort = new AbortController();
  const getting = store.get(key("graph.json"), abort.signal);
  await asked.promise;
  abort.abort();
  await expect(getting).rejects.toMatchObject({ code: "bucket-unavailable" });
  store.close();
  await silent.close();
});

test.each(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])("%s counts as an endpoint, with its settings", async (name) => {
  vi.stubEnv(name, double.endpoint);
  const store = createS3ObjectStore({ ...TEST_OPTIONS, region: undefined });
  expect(store.name).toBe(`s3://bucket at ${double.endpoint}`);
  const options = { contentType: "a/b", metadata: {} };
  await store.put(key("graph.json"), new Uint8Array(1), { mode: "create" }, options, never);
  store.close();
  const [request] = double.requests;
  expect(request).toMatchObject({ bucket: "bucket", key: "graph.json", region: "us-east-1" });
  expect(Object.keys(request?.headers ?? {}).filter((header) => header.startsWith("x-amz-checksum"))).toEqual([]);
});

test("AWS_REGION is used on any server", async () => {
  vi.stubEnv("AWS_REGION", "eu-central-2");
  const store = createS3ObjectStore({ ...TEST_OPTIONS, region: undefined, endpoint: double.endpoint });
  await store.get(key("graph.json"), never);
  store.close();
  expect(double.requests[0]?.region).toBe("eu-central-2");
});

test("AWS without a region says so", async () => {
  const store = createS3ObjectStore({ ...TEST_OPTIONS, region: undefined });
  const failure = await store.get(key("graph.json"), never).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "bucket-missing", hint: expect.stringMatching(/AWS_REGION/) });
  store.close();
});

test("AWS_REQUEST_CHECKSUM_CALCULATION has the last word on checksums", async () => {
  vi.stubEnv("AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_SUPPORTED");
  const store = createS3ObjectStore({ ...TEST_OPTIONS, endpoint: double.endpoint });
  await store.put(key("a"), new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  store.close();
  expect(double.requests[0]?.headers["x-amz-checksum-crc32"]).toBeDefined();
});

test("AWS_MAX_ATTEMPTS does not bring the SDK's own retries back", async () => {
  vi.stubEnv("AWS_MAX_ATTEMPTS", "5");
  vi.stubEnv("AWS_RETRY_MODE", "adaptive");
  double.faults.add({ operation: "PutObject" }, { kind: "commit-then-reset" });
  const store = createS3ObjectStore({ ...TEST_OPTIONS, endpoint: double.endpoint });
  const options = { contentType: "a/b", metadata: {} };
  const answer = await store.put(key("a"), new Uint8Array(1), { mode: "create" }, options, never);
  store.close();
  expect(answer.outcome).toBe("unknown");
  expect(double.count("PutObject")).toBe(1);
});
