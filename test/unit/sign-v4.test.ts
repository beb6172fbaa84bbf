import { S3Client } from "@aws-sdk/client-s3";
import fc from "fast-check";
import { expect, test } from "vitest";
import { amzDate, signV4 } from "../../src/adapters/s3-object-store/sign-v4.ts";

// The example of the Amazon S3 API Reference, "Authenticating Requests": GET Object.
const EXAMPLE = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("the manual's example has the manual's signature", () => {
  const headers = {
    host: "examplebucket.s3.amazonaws.com",
    range: "bytes=0-9",
    "x-amz-content-sha256": EMPTY,
    "x-amz-date": "20130524T000000Z",
  };
  const request = { method: "GET", path: "/test.txt", query: {}, headers };
  const key = { ...EXAMPLE, region: "us-east-1", service: "s3" };
  expect(signV4(request, Object.keys(headers), key)).toBe(
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, " +
      "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
});

test("every request gets the signature that the SDK gives it", async () => {
  const client = new S3Client({ region: "eu-west-3", credentials: EXAMPLE });
  const signer = await client.config.signer();
  const word = fc.string({ minLength: 1, unit: fc.constantFrom(..."abcXYZ019-._~!'()* +/=&%é") });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "HEAD", "PUT"),
      fc.string({ unit: fc.constantFrom(..."abcXYZ019-._~/") }),
      fc.dictionary(word, word, { maxKeys: 4 }),
      fc.string({ unit: fc.constantFrom(..."abc  019,;") }),
      fc.date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true }),
      async (method, path, query, free, signingDate) => {
        const headers = { host: "example.org:8080", "x-amz-content-sha256": EMPTY, "x-amz-meta-free": free };
        const request = {
          method,
          protocol: "http:",
          hostname: "example.org",
          port: 8080,
          path: `/${path}`,
          query,
          headers,
        };
        const signing = { signingDate, signingRegion: "eu-west-3", signingService: "s3" };
        const signed = await signer.sign(structuredClone(request), signing);
        const ours = { ...request, headers: { ...headers, "x-amz-date": amzDate(signingDate.getTime()) } };
        const names = Object.keys(ours.headers).sort();
        const key = { ...EXAMPLE, region: "eu-west-3", service: "s3" };
        expect(signV4(ours, names, key)).toBe(signed.headers["authorization"]);
      },
    ),
  );
  client.destroy();
});
