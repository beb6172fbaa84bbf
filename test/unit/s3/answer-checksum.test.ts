import { expect, test } from "vitest";
import { checksumOf, hasCrc32 } from "../../../src/adapters/s3-object-store/answer-checksum.ts";

test.each<[Record<string, string>, string]>([
  [{ etag: '"x"' }, "none"],
  [{ "x-amz-checksum-type": "FULL_OBJECT" }, "none"],
  [{ "x-amz-checksum-crc32": "y/Q5Jg==", "x-amz-checksum-type": "FULL_OBJECT" }, "crc32"],
  [{ "x-amz-checksum-crc32": "y/Q5Jg==-3", "x-amz-checksum-type": "COMPOSITE" }, "none"],
  [{ "x-amz-checksum-sha256": "AAAA-10000" }, "none"],
  [{ "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" }, "other"],
  [{ "x-amz-checksum-crc32": "y/Q5Jg==", "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" }, "other"],
])("%j: %s", (headers, kind) => {
  expect(checksumOf(headers)).toBe(kind);
});

test("the check value of CRC-32 (ISO-HDLC), big-endian in base64", () => {
  const headers = { "x-amz-checksum-crc32": "y/Q5Jg==" };
  expect(hasCrc32(headers, Buffer.from("123456789"))).toBe(true);
  expect(hasCrc32(headers, Buffer.from("123456780"))).toBe(false);
});
