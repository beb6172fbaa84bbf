import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ancestorsAfter,
  decodeMetadata,
  encodeMetadata,
  type GraphMetadata,
  isAncestor,
  shortDigest,
} from "../../../src/core/metadata.ts";
import { anyDigest, digestOf } from "./digest-of.ts";

const short = anyDigest().map(shortDigest);
const metadata: fc.Arbitrary<GraphMetadata> = fc.record({
  sha256: anyDigest(),
  parent: fc.option(anyDigest(), { nil: undefined }),
  ancestors: fc.array(short, { maxLength: 64, size: "max" }),
  writer: fc.string({ unit: "grapheme-ascii", maxLength: 60, size: "max" }),
  epoch: fc.option(fc.nat(), { nil: undefined }),
  writeId: fc.stringMatching(/^[0-9a-f]{32}$/),
});

const FULL: GraphMetadata = {
  sha256: digestOf(1),
  parent: digestOf(2),
  ancestors: [shortDigest(digestOf(2)), shortDigest(digestOf(3))],
  writer: "pod-7",
  epoch: 3,
  writeId: "w1",
};

describe("metadata", () => {
  test("has names that every store takes, and a format number", () => {
    expect(encodeMetadata(FULL)).toEqual({
      "kgsync-format": "1",
      "kgsync-sha256": digestOf(1),
      "kgsync-parent": digestOf(2),
      "kgsync-ancestors": "0000000200000002,0000000300000003",
      "kgsync-writer": "pod-7",
      "kgsync-epoch": "3",
      "kgsync-write-id": "w1",
    });
    const first = encodeMetadata({ ...FULL, parent: undefined, ancestors: [], epoch: undefined });
    expect(Object.keys(first)).toEqual(["kgsync-format", "kgsync-sha256", "kgsync-writer", "kgsync-write-id"]);
  });

  test("comes back as it was sent", () =>
    fc.assert(
      fc.property(metadata, (m) => {
        expect(decodeMetadata(encodeMetadata(m), m.sha256)).toEqual(m);
      }),
    ));

  test("stays below the 2 KB that S3 allows, however long the past", () =>
    fc.assert(
      fc.property(metadata, fc.array(short, { minLength: 64, maxLength: 200, size: "max" }), (m, ancestors) => {
        const encoded = Object.entries(encodeMetadata({ ...m, parent: digestOf(1), ancestors }));
        expect(new TextEncoder().encode(encoded.flat().join("")).length).toBeLessThan(2048);
        expect(decodeMetadata(Object.fromEntries(encoded), m.sha256)?.ancestors).toEqual(ancestors.slice(0, 64));
      }),
    ));

  test("does not count for other bytes than those it was made for", () =>
    expect(decodeMetadata(encodeMetadata(FULL), digestOf(9))).toBeUndefined());

  test("is believed where the bytes were not read", () =>
    expect(decodeMetadata(encodeMetadata(FULL), undefined)).toEqual(FULL));

  test("of others is ignored", () => {
    expect(decodeMetadata({}, digestOf(1))).toBeUndefined();
    expect(decodeMetadata({ "kgsync-sha256": "no digest" }, undefined)).toBeUndefined();
  });

  test("is read as far as it can be understood", () =>
    expect(
      decodeMetadata(
        {
          "kgsync-format": "2",
          "kgsync-sha256": digestOf(1),
          "kgsync-parent": "no digest",
          "kgsync-ancestors": `,short,${"0".repeat(17)},${"A".repeat(16)}, ${"c".repeat(16)},x${"d".repeat(16)},${"b".repeat(16)}`,
        },
        digestOf(1),
      ),
    ).toEqual({ sha256: digestOf(1), parent: undefined, ancestors: ["b".repeat(16)], writer: "", writeId: "" }));

  test("never throws, whatever a store sends", () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("kgsync-sha256", "kgsync-parent", "kgsync-ancestors", "x"), fc.string()),
        (raw) => {
          expect(decodeMetadata(raw, digestOf(1))).toBeUndefined();
        },
      ),
    ));
});

describe("ancestors", () => {
  test("are newest first: what was integrated, the parent, the parent's own", () =>
    expect(ancestorsAfter({ sha256: digestOf(3), ancestors: ["old1", "old2"] }, [digestOf(1), digestOf(2)])).toEqual([
      shortDigest(digestOf(1)),
      shortDigest(digestOf(2)),
      shortDigest(digestOf(3)),
      "old1",
      "old2",
    ]));

  test("of a first version are only what was integrated", () => {
    expect(ancestorsAfter(undefined, [])).toEqual([]);
    expect(ancestorsAfter(undefined, [digestOf(1)])).toEqual([shortDigest(digestOf(1))]);
  });

  test("are at most 64, each once, and the oldest are forgotten", () =>
    fc.assert(
      fc.property(
        anyDigest(),
        fc.array(short, { maxLength: 100, size: "max" }),
        fc.array(anyDigest(), { maxLength: 4 }),
        (sha256, ancestors, integrated) => {
          const after = ancestorsAfter({ sha256, ancestors }, integrated);
          const wanted = new Set([...integrated.map(shortDigest), shortDigest(sha256), ...ancestors]);
          expect(after.length).toBe(Math.min(64, wanted.size));
          expect(after).toEqual([...wanted].slice(0, after.length));
        },
      ),
    ));

  test("are known by their first 16 digits", () => {
    expect(shortDigest(digestOf(0xabcd))).toBe("0000abcd0000abcd");
    expect(isAncestor(digestOf(1), [shortDigest(digestOf(2)), shortDigest(digestOf(1))])).toBe(true);
    expect(isAncestor(digestOf(1), [shortDigest(digestOf(2))])).toBe(false);
  });
});
