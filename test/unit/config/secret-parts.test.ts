import { expect, it } from "vitest";
import { secretParts } from "../../../src/config/secret-parts.ts";

it.each([
  ["a-plain-secret==", []],
  ["AccountName=a;AccountKey=abc+/d==;EndpointSuffix=x", ["abc+/d=="]],
  ["?sv=2026&sig=ab%2Bc%3D&sp=r", ["ab+c="]],
  ["BlobEndpoint=https://x;SharedAccessSignature=sv=1&sig=a%2Fb", ["a/b"]],
  ["sig=%zz", ["%zz"]],
])("%s", (secret, parts) => {
  expect(secretParts(secret)).toEqual([secret, ...parts]);
  expect(secretParts(`${secret}\n`)).toEqual([secret, ...parts]);
});
