import { describe, expect, test } from "vitest";
import { judgeLease, type LeaseLook, type Watched } from "../../../../src/core/lease/judge-lease.ts";
import type { Lease } from "../../../../src/core/lease/lease.ts";
import { etag } from "../../../../src/core/version.ts";

const ME = { me: "b", earlier: ["b-before"], ttlMs: 3000 };
const THEIRS: Lease = { holder: "a", epoch: 4, nonce: "n1", ttlMs: 30_000, state: "held", wanted: undefined };
const seen = (change: Partial<Lease> = {}, tag = "1"): LeaseLook => ({
  etag: etag(tag),
  parsed: { kind: "lease", lease: { ...THEIRS, ...change } },
});
const damaged = (tag = "1"): LeaseLook => ({ etag: etag(tag), parsed: { kind: "damaged", why: "it is cut off" } });
const wishOf = (by: string) => ({ by, nonce: "w" });

describe("at first sight", () => {
  test.each<[string, LeaseLook, string]>([
    ["absent", undefined, "free absent"],
    ["released", seen({ state: "released" }), "free released"],
    ["released, wanted by us", seen({ state: "released", wanted: wishOf("b") }), "free released"],
    ["released, wanted by our earlier life", seen({ state: "released", wanted: wishOf("b-before") }), "free released"],
    ["released, wanted by another", seen({ state: "released", wanted: wishOf("c") }), "busy"],
    ["released by us, wanted by another", seen({ holder: "b", state: "released", wanted: wishOf("c") }), "busy"],
    ["held by us", seen({ holder: "b" }), "free own"],
    ["held by an earlier life of us", seen({ holder: "b-before" }), "free own"],
    ["held by another", seen(), "busy"],
    ["held by another, wanted by us", seen({ wanted: wishOf("b") }), "busy"],
    ["damaged", damaged(), "busy"],
  ])("%s", (_, look, expected) => {
    const judged = judgeLease(look, undefined, 1000, ME);
    expect(judged.kind === "free" ? `free ${judged.why}` : judged.kind).toBe(expected);
  });
});

/** Looks at the same second by second; answers when it was free, in milliseconds from the first look. */
const freeAfter = (lookAt: (ms: number) => LeaseLook, limit = 100_000): number | undefined => {
  let watched: Watched | undefined;
  for (let ms = 0; ms <= limit; ms += 1000) {
    const judged = judgeLease(lookAt(ms), watched, 5_000_000 + ms, ME);
    if (judged.kind === "free") return ms;
    watched = judged.watched;
  }
  return undefined;
};

describe("with time", () => {
  test("a silent holder is dead after its own time to live, not ours", () =>
    expect(freeAfter(() => seen())).toBe(30_000));

  test("each renewal begins the time anew", () =>
    expect(freeAfter((ms) => seen({ nonce: ms < 50_000 ? `n${Math.floor(ms / 10_000)}` : "last" }))).toBe(80_000));

  test("one that renews for ever is never dead", () =>
    expect(freeAfter((ms) => seen({ nonce: `n${Math.floor(ms / 10_000)}` }))).toBeUndefined());

  test("a new holder begins the time anew, with whatever nonce", () =>
    expect(freeAfter((ms) => (ms < 20_000 ? seen() : seen({ holder: "c", epoch: 5 })))).toBe(50_000));

  test("wishes do not keep a dead holder alive", () =>
    expect(freeAfter((ms) => seen({ wanted: { by: "c", nonce: String(ms) } }, String(ms)))).toBe(30_000));

  test("one that was handed over and not taken is free after the time to live", () =>
    expect(freeAfter(() => seen({ state: "released", wanted: wishOf("c") }))).toBe(30_000));

  test("a damaged one is free when its etag stood still for our time to live", () => {
    expect(freeAfter(() => damaged())).toBe(3000);
    expect(freeAfter((ms) => damaged(ms < 10_000 ? String(ms) : "end"))).toBe(13_000);
  });
});

test("whose it is goes along, for the message", () =>
  expect(judgeLease(seen(), undefined, 0, ME)).toMatchObject({ lease: { holder: "a", epoch: 4 } }));
