import { expect, test } from "vitest";
import { nodeKnowsProxies } from "../../../src/adapters/transfer/node-knows-proxies.ts";

test.each([
  ["v22.15.0", false],
  ["v22.20.9", false],
  ["v22.21.0", true],
  ["v23.11.1", false],
  ["v24.4.1", false],
  ["v24.5.0", true],
  ["v26.0.0", true],
])("Node %s: %s", (version, expected) => {
  expect(nodeKnowsProxies(version)).toBe(expected);
});
