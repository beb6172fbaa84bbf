import { expect, test } from "vitest";
import { s3Failure } from "../../../src/adapters/s3-object-store/s3-failure.ts";

const fail = (fields: object, message = "x"): Error => Object.assign(new Error(message), fields);

test.each([
  ["refused", fail({ code: "ECONNREFUSED", syscall: "connect" })],
  ["unknown host", fail({ code: "ENOTFOUND", syscall: "getaddrinfo" })],
  ["connect timed out", fail({ code: "ETIMEDOUT", syscall: "connect" })],
  [
    "all addresses failed",
    fail({ code: "ETIMEDOUT", errors: [fail({ syscall: "connect" }), fail({ syscall: "connect" })] }),
  ],
  ["all addresses failed, as Node says it", new AggregateError([fail({ syscall: "connect" })])],
  ["certificate not trusted", fail({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" })],
  ["wrong host in certificate", fail({ code: "ERR_TLS_CERT_ALTNAME_INVALID" })],
  [
    "the SDK's connection timeout",
    fail({ name: "TimeoutError" }, "the request socket did not establish a connection with the server within 1 ms"),
  ],
  ["a name that the SDK refuses", fail({ name: "InvalidBucketName" })],
])("%s: sure that nothing left", (_name, error) => {
  expect(s3Failure(error).sent).toBe(false);
});

test.each([
  ["reset", fail({ code: "ECONNRESET", syscall: "read" })],
  ["broken pipe", fail({ code: "EPIPE", syscall: "write" })],
  ["socket idle", fail({ name: "TimeoutError" }, "the request socket timed out after 15000 ms of inactivity")],
  ["TLS broke down", fail({ code: "EPROTO", syscall: "write" })],
  ["route lost on an open connection", fail({ code: "EHOSTUNREACH", syscall: "read" })],
  ["aborted", fail({ name: "AbortError" })],
  ["one of two addresses failed later", fail({ errors: [fail({ syscall: "connect" }), fail({ syscall: "read" })] })],
  ["an answer of any kind", fail({ code: "ECONNREFUSED", $metadata: { httpStatusCode: 503 } })],
  ["not even an error", "text"],
  ["nothing", undefined],
])("%s: it may have been applied", (_name, error) => {
  expect(s3Failure(error).sent).toBe(true);
});

test("the status may lie in the answer alone, as when its XML cannot be read", () => {
  expect(s3Failure(fail({ $response: { statusCode: 404 } })).status).toBe(404);
});

test("the bucket's region comes from the header, or from the body", () => {
  const headers = { "x-amz-bucket-region": "eu-west-1" };
  expect(s3Failure(fail({ $response: { headers } })).region).toBe("eu-west-1");
  expect(s3Failure(fail({ Region: "eu-west-2" })).region).toBe("eu-west-2");
});
