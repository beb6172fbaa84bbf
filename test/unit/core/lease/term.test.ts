import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_DURATION_MS } from "../../../../src/core/duration.ts";
import { nextEpoch, released, wanted } from "../../../../src/core/lease/next-lease.ts";
import { lookEvery, planTerm } from "../../../../src/core/lease/term.ts";
import { etag } from "../../../../src/core/version.ts";

const ttl = fc.integer({ min: 3000, max: MAX_DURATION_MS });

test("two renewals that fail leave time for a third before the holder must stop, which is before anybody may take it", () =>
  fc.assert(
    fc.property(ttl, (ttlMs) => {
      const { renewMs, fenceMs } = planTerm(ttlMs);
      expect(renewMs * 2).toBeLessThan(fenceMs);
      expect(fenceMs).toBeLessThan(ttlMs);
    }),
  ));

test("who stands by looks many times in a time to live, and not more often than four times a second", () =>
  fc.assert(
    fc.property(ttl, (ttlMs) => {
      expect(lookEvery(ttlMs)).toBeGreaterThanOrEqual(250);
      expect(lookEvery(ttlMs) * 10).toBeLessThanOrEqual(ttlMs);
    }),
  ));

const LEASE = { holder: "a", epoch: 4, nonce: "n", ttlMs: 3000, state: "held", wanted: undefined } as const;

test.each([
  ["nothing is known", undefined, [], 1],
  ["a lease", LEASE, [undefined], 5],
  ["a graph of a later epoch, as when the lease was removed", LEASE, [9], 10],
  ["a graph of an earlier epoch", LEASE, [3], 5],
  ["only a graph", undefined, [9], 10],
] as const)("the epoch grows: %s", (_, lease, known, expected) => {
  const look = lease === undefined ? undefined : { etag: etag("1"), parsed: { kind: "lease", lease } as const };
  expect(nextEpoch(look, ...known)).toBe(expected);
});

test("a damaged object counts as none", () =>
  expect(nextEpoch({ etag: etag("1"), parsed: { kind: "damaged", why: "" } }, 2)).toBe(3));

test("a wish keeps the holder's words, a release keeps the wish and the epoch", () => {
  const wished = wanted(LEASE, "b", "w");
  expect(wished).toEqual({ ...LEASE, wanted: { by: "b", nonce: "w" } });
  expect(released(wished, "m")).toEqual({ ...wished, nonce: "m", state: "released" });
});
