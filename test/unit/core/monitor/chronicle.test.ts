import fc from "fast-check";
import { expect, test } from "vitest";
import { type Chronicle, chronicled, emptyChronicle, SAMPLES, SHOWN } from "../../../../src/core/monitor/chronicle.ts";
import type { Happening, PushResult, RequestOutcome } from "../../../../src/core/monitor/happening.ts";

const RESULTS: readonly PushResult[] = ["stored", "clean", "waiting", "held", "failed"];
const push = fc.record({
  type: fc.constant("push" as const),
  result: fc.constantFrom(...RESULTS),
  ms: fc.nat(),
  bytes: fc.nat(),
  ahead: fc.boolean(),
  why: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
});
const merge = fc.record({
  type: fc.constant("merge" as const),
  result: fc.constantFrom("merged" as const, "same" as const, "refused" as const),
  conflicts: fc.nat({ max: 3 }),
  key: fc.constant(undefined),
});
const graph = fc.record({ type: fc.constant("graph" as const), bytes: fc.nat(), leaves: fc.nat() });
const happening: fc.Arbitrary<Happening> = fc.oneof(push, merge, graph);

const live = (happenings: readonly Happening[]): Chronicle =>
  happenings.reduce((chronicle, one, at) => chronicled(chronicle, one, at), emptyChronicle);

test("whatever happens and however long, it stays small, in order, and the newest is in it", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 2000, size: "max" }), (happenings) => {
      const { pushes, merges, samples, conflicts } = live(happenings);
      expect(Math.max(pushes.length, merges.length)).toBeLessThanOrEqual(SHOWN);
      expect(samples.length).toBeLessThanOrEqual(SAMPLES);
      for (const list of [pushes, merges, samples])
        expect(list.map(({ at }) => at)).toEqual(list.map(({ at }) => at).toSorted((a, b) => a - b));
      const last = happenings.findLast((one) => one.type === "graph");
      if (last !== undefined) expect(samples.at(-1)).toMatchObject({ bytes: last.bytes, leaves: last.leaves });
      expect(conflicts).toBe(happenings.reduce((sum, one) => sum + (one.type === "merge" ? one.conflicts : 0), 0));
    }),
    { numRuns: 50 },
  );
});

test("a long run keeps its beginning, the older the coarser", () => {
  const { samples } = live(Array.from({ length: 10_000 }, (_, n) => ({ type: "graph", bytes: n, leaves: n })));
  expect(samples[0]?.at).toBe(0);
  expect(samples.at(-1)?.at).toBe(9999);
  expect(samples.length).toBeGreaterThan(SAMPLES / 3);
});

test("an outage is one line with its last time; looks that found nothing are none", () => {
  const failed: Happening = { type: "push", result: "failed", ms: 1, bytes: 0, ahead: false, why: "no route" };
  const clean: Happening = { ...failed, result: "clean", why: undefined };
  const stored: Happening = { ...failed, result: "stored", bytes: 10, why: undefined };
  const { pushes } = live([stored, failed, clean, failed, failed, stored, stored]);
  expect(pushes.map(({ result, at }) => [result, at])).toEqual([
    ["stored", 0],
    ["failed", 4],
    ["stored", 5],
    ["stored", 6],
  ]);
});

test("the app has what the bucket has after a pull, and only after one that got through", () => {
  const ahead: Happening = { type: "push", result: "stored", ms: 1, bytes: 1, ahead: true, why: undefined };
  expect(live([ahead]).ahead).toBe(true);
  expect(live([ahead, { type: "pull", ok: false, ms: 1 }]).ahead).toBe(true);
  expect(live([ahead, { type: "pull", ok: true, ms: 1 }]).ahead).toBe(false);
});

test("trouble with the bucket begins with the first request that fails, and ends with the first that is answered", () => {
  const request = (outcome: RequestOutcome): Happening => ({
    type: "request",
    operation: "put",
    outcome,
    ms: 1,
    sent: 0,
    received: 0,
  });
  expect(live([request("ok"), request("unavailable"), request("denied")]).trouble).toEqual({
    operation: "put",
    outcome: "denied",
    since: 1,
  });
  expect(live([request("unavailable"), request("aborted")]).trouble).toMatchObject({ outcome: "unavailable" });
  for (const answer of ["ok", "absent", "conflict"] as const)
    expect(live([request("unknown"), request(answer)]).trouble).toBeUndefined();
});
