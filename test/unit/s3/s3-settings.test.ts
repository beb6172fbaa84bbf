import { expect, test } from "vitest";
import { s3Settings } from "../../../src/adapters/s3-object-store/s3-settings.ts";

const AWS = { forcePathStyle: false, followRegionRedirects: true, checksums: "WHEN_SUPPORTED" };
const OTHER = {
  forcePathStyle: true,
  followRegionRedirects: false,
  checksums: "WHEN_REQUIRED",
  defaultRegion: "us-east-1",
};

test.each([
  [undefined, { ...AWS, defaultRegion: undefined }],
  ["https://s3.eu-west-1.amazonaws.com", { ...AWS, defaultRegion: "us-east-1" }],
  ["https://bucket.vpce-1a.s3.us-east-1.vpce.amazonaws.com", { ...AWS, defaultRegion: "us-east-1" }],
  ["https://S3.CN-NORTH-1.AMAZONAWS.COM.CN/", { ...AWS, defaultRegion: "us-east-1" }],
  ["http://seaweedfs:8333", OTHER],
  ["http://127.0.0.1:9000", OTHER],
  ["https://abc.r2.cloudflarestorage.com", OTHER],
  ["https://amazonaws.com.example.org", OTHER],
  ["https://notamazonaws.com", OTHER],
  ["not a url", OTHER],
])("the server %s gets its settings", (endpoint, expected) => {
  expect(s3Settings(endpoint, "auto", false)).toEqual(expected);
});

test.each([true, false])("path style %s is kept on every server", (pathStyle) => {
  for (const endpoint of [undefined, "http://seaweedfs:8333"]) {
    expect(s3Settings(endpoint, pathStyle, false).forcePathStyle).toBe(pathStyle);
  }
});

test("who sets AWS_REQUEST_CHECKSUM_CALCULATION decides the checksums", () => {
  for (const endpoint of [undefined, "http://seaweedfs:8333"]) {
    expect(s3Settings(endpoint, "auto", true).checksums).toBeUndefined();
  }
});
