import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_DURATION_MS } from "../../../../src/core/duration.ts";
import { formatLease, type Lease, parseLease } from "../../../../src/core/lease/lease.ts";

const LEASE: Lease = { holder: "pod-a", epoch: 7, nonce: "n1", ttlMs: 30_000, state: "held", wanted: undefined };

const anyLease: fc.Arbitrary<Lease> = fc.record({
  holder: fc.string({ minLength: 1 }),
  epoch: fc.integer({ min: 1, max: 10 ** 15 }),
  nonce: fc.string(),
  ttlMs: fc.integer({ min: 1, max: MAX_DURATION_MS }),
  state: fc.constantFrom("held", "released"),
  wanted: fc.option(fc.record({ by: fc.string(), nonce: fc.string() }), { nil: undefined }),
});

test("what is written is read again", () =>
  fc.assert(
    fc.property(anyLease, (lease) => {
      expect(parseLease(formatLease(lease))).toEqual({ kind: "lease", lease });
    }),
  ));

test("no text makes it throw", () =>
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const parsed = parseLease(text);
      expect(["lease", "damaged"]).toContain(parsed.kind);
    }),
  ));

test("a newer format is read as far as it is understood", () => {
  const raw = { ...JSON.parse(formatLease(LEASE)), format: 2, colour: "blue" };
  expect(parseLease(JSON.stringify(raw))).toEqual({ kind: "lease", lease: LEASE });
});

test.each([
  ["cut off", '{"format":1,"holder":"a"'],
  ["a list", "[]"],
  ["null", "null"],
  ["without a format", { format: undefined }],
  ["of format 0", { format: 0 }],
  ["without a holder", { holder: undefined }],
  ["of a nameless holder", { holder: "" }],
  ["with an epoch of 0", { epoch: 0 }],
  ["with half an epoch", { epoch: 1.5 }],
  ["with an epoch that no metadata can hold", { epoch: 10 ** 15 + 1 }],
  ["with an epoch as text", { epoch: "7" }],
  ["without a nonce", { nonce: undefined }],
  ["with no time to live", { ttlMs: 0 }],
  ["that would be waited for longer than any setting says", { ttlMs: MAX_DURATION_MS + 1 }],
  ["in a state of its own", { state: "lent" }],
])("one %s is damaged", (_, how) => {
  const text = typeof how === "string" ? how : JSON.stringify({ ...JSON.parse(formatLease(LEASE)), ...how });
  expect(parseLease(text)).toEqual({ kind: "damaged", why: expect.stringMatching(/^its? /) });
});

test.each([[{ by: "b" }], [{ nonce: "n" }], ["b"], [null]])("a wish that cannot be read is none: %j", (wanted) => {
  const text = JSON.stringify({ ...JSON.parse(formatLease(LEASE)), wanted });
  expect(parseLease(text)).toEqual({ kind: "lease", lease: LEASE });
});
