import { expect, test } from "vitest";
import { toBucketError, toOpenError } from "../../../src/adapters/s3-object-store/to-bucket-error.ts";

const NAMES = { bucket: "graphs", server: "https://s3.example", proxyIgnored: false };

const answer = (status: number, name: string, more: object = {}): Error =>
  Object.assign(new Error("key AKIASECRET was refused"), { name, $metadata: { httpStatusCode: status }, ...more });
const network = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  [answer(403, "AccessDenied"), "bucket-denied", /s3:ListBucket/],
  [answer(403, "InvalidAccessKeyId"), "bucket-denied", /credentials/],
  [answer(401, "Unauthorized"), "bucket-denied", /credentials/],
  [answer(403, "RequestTimeTooSkewed"), "bucket-denied", /clock/],
  [answer(400, "ExpiredToken"), "bucket-denied", /expired/],
  [answer(400, "KMS.DisabledException"), "bucket-denied", /./],
  [answer(404, "NoSuchBucket"), "bucket-missing", /name and region/],
  [answer(404, "NotFound"), "bucket-missing", /is an S3 server/],
  [answer(301, "PermanentRedirect", { Region: "eu-west-1" }), "bucket-missing", /AWS_REGION=eu-west-1/],
  [answer(400, "AuthorizationHeaderMalformed", { Region: "eu-west-3" }), "bucket-missing", /AWS_REGION=eu-west-3/],
  [Object.assign(new Error("no slash"), { name: "InvalidBucketName" }), "bucket-missing", /name/],
  [answer(301, "PermanentRedirect"), "bucket-missing", /another region/],
  [answer(500, "InternalError"), "bucket-unavailable", /./],
  [answer(503, "SlowDown"), "bucket-unavailable", /./],
  [answer(429, "TooManyRequests"), "bucket-unavailable", /./],
  [answer(408, "RequestTimeout"), "bucket-unavailable", /./],
  [answer(400, "RequestTimeout"), "bucket-unavailable", /./],
  [network("ECONNRESET"), "bucket-unavailable", /network/],
  [network("SELF_SIGNED_CERT_IN_CHAIN"), "bucket-unavailable", /AWS_CA_BUNDLE/],
] as const)("%s is %s", (thrown, code, hint) => {
  const error = toBucketError(thrown, 'get "a.json"', NAMES);
  expect(error.code).toBe(code);
  expect(error.hint).toMatch(hint);
  expect(error.message).toMatch(/^bucket "graphs" at https:\/\/s3\.example: cannot get "a\.json": /);
  expect(error.cause).toBe(thrown);
});

test("the server's free text stays out of message and hint", () => {
  const error = toBucketError(answer(403, "Access denied for AKIASECRET"), "get", NAMES);
  expect(`${error.message} ${error.hint}`).not.toContain("AKIASECRET");
});

test("a proxy that this Node cannot use is named when no connection was made", () => {
  const names = { ...NAMES, proxyIgnored: true };
  expect(toBucketError(network("ENOTFOUND"), "get", names).hint).toMatch(/proxy/);
  expect(toBucketError(network("ECONNRESET"), "get", names).hint).not.toMatch(/proxy/);
});

test.each([
  [
    Object.assign(new Error("Could not load"), { name: "CredentialsProviderError" }),
    "bucket-denied",
    /AWS_ACCESS_KEY_ID/,
  ],
  [answer(403, "AccessDenied"), "bucket-denied", /AWS_PROFILE/],
  [answer(503, "ServiceUnavailable"), "bucket-unavailable", /./],
  [network("ECONNREFUSED"), "bucket-unavailable", /./],
  [network("ENOENT"), "bucket-denied", /AWS_PROFILE/],
  [new Error("Region is missing"), "bucket-missing", /AWS_REGION/],
] as const)("before the first request: %s is %s", (thrown, code, hint) => {
  const error = toOpenError(thrown, NAMES, {});
  expect(error.code).toBe(code);
  expect(error.hint).toMatch(hint);
});

test.for([
  [{}, /^Set AWS_ACCESS_KEY_ID/],
  [{ AWS_PROFILE: "", AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }, /AWS_WEB_IDENTITY_TOKEN_FILE can be read/],
  [{ AWS_PROFILE: "app", AWS_WEB_IDENTITY_TOKEN_FILE: "/token" }, /^AWS_PROFILE is set/], // the SDK's order
  [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/role" }, /agent/],
] as const)("what to do depends on where credentials were to come from: %o", ([env, hint]) => {
  expect(toOpenError(new Error("Could not load"), NAMES, env).hint).toMatch(hint);
});
