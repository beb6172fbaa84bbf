import { expect, test } from "vitest";
import { bodyForParts } from "../../../src/adapters/s3-object-store/put-object.ts";

const MIB = 1024 * 1024;
const file = (size: number) => ({ size, read: async (_: number, length: number) => new Uint8Array(length) });

test.each([
  ["a small file", file(16 * MIB), undefined],
  ["a large file", file(16 * MIB + 1), 16 * MIB + 1],
  ["bytes in memory", new Uint8Array(17 * MIB), undefined],
])("%s goes in parts: %s", (_name, body, size) => {
  expect(bodyForParts(body)?.size).toBe(size);
});

test("more bytes than can be hashed at once go in parts, each where it belongs", async () => {
  // Never touched but at its end, so most of it is no real memory.
  const bytes = new Uint8Array(2 ** 31);
  bytes[2 ** 31 - 2] = 7;
  const body = bodyForParts(bytes);
  expect(body?.size).toBe(2 ** 31);
  expect(await body?.read(2 ** 31 - 2, 2)).toEqual(Uint8Array.from([7, 0]));
  expect(bodyForParts(bytes.subarray(1))).toBeUndefined();
});
