import { describe, expect, test } from "vitest";
import { type CopyVerdict, judgeCopy } from "../../../src/core/judge-copy.ts";
import { shortDigest } from "../../../src/core/metadata.ts";
import type { Digest } from "../../../src/core/version.ts";

const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(64) as Digest) as [Digest, Digest, Digest];
const of = (sha256: Digest, ...ancestors: readonly Digest[]) => ({
  sha256,
  ancestors: ancestors.map(shortDigest),
});

describe("what becomes of an object", () => {
  test.each<[string, ReturnType<typeof of>, ReturnType<typeof of> | undefined, CopyVerdict]>([
    ["nothing is there", of(A), undefined, "create"],
    ["the same is there", of(A), of(A), "same"],
    ["the same is there, with another history", of(A, B), of(A, C), "same"],
    ["ours came from it", of(A, B), of(B), "update"],
    ["it came from ours", of(A), of(B, A), "newer"],
    ["neither knows the other", of(A, C), of(B, C), "differs"],
    ["there is no history", of(A), of(B), "differs"],
    [
      "each claims to come from the other: ours goes first, and nothing of theirs is lost",
      of(A, B),
      of(B, A),
      "update",
    ],
  ])("%s", (_, from, to, verdict) => expect(judgeCopy(from, to)).toBe(verdict));
});
