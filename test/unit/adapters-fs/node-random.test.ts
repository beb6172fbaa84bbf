import { expect, test } from "vitest";
import { createNodeRandom } from "../../../src/adapters/node-random.ts";
import { nodeSha256 } from "../../../src/adapters/node-sha256.ts";

test("ids are 32 hexadecimal digits and differ; fractions are in [0, 1) and spread", () => {
  const random = createNodeRandom();
  const ids = Array.from({ length: 100 }, () => random.id());
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(100);
  const fractions = Array.from({ length: 1000 }, () => random.fraction());
  expect(fractions.every((each) => each >= 0 && each < 1)).toBe(true);
  expect(new Set(fractions.map((each) => Math.floor(each * 4))).size).toBe(4);
});

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"], // FIPS 180-2, appendix B.1
])("SHA-256 of %j", (text, digest) => {
  expect(nodeSha256(new TextEncoder().encode(text))).toBe(digest);
});
