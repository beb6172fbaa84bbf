import { expect, test } from "vitest";
import { goesInParts } from "../../../src/adapters/s3-object-store/put-object.ts";

const MIB = 1024 * 1024;
const file = (size: number) => ({ size, read: async (_: number, length: number) => new Uint8Array(length) });

test.each([
  ["a small file", () => file(16 * MIB), false],
  ["a large file", () => file(16 * MIB + 1), true],
  ["bytes in memory", () => new Uint8Array(17 * MIB), false],
  // Never touched, so it is no real memory.
  ["more bytes than can be hashed at once", () => new Uint8Array(2 ** 31), true],
] as const)("%s: in parts or not", (_name, body, inParts) => {
  expect(goesInParts(body())).toBe(inParts);
});
