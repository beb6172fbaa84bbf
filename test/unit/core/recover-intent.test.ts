import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shortDigest } from "../../../src/core/metadata.ts";
import { recoverIntent, type Seen } from "../../../src/core/recover-intent.ts";
import {
  type Base,
  emptyState,
  type Intent,
  isFirstSave,
  type PutIntent,
  type State,
} from "../../../src/core/state.ts";
import { type Digest, etag } from "../../../src/core/version.ts";
import { anyDigest, digestOf } from "./digest-of.ts";

const OLD = { kind: "content", sha256: digestOf(1) } as const satisfies Base;
const OURS = digestOf(2);
const RESULT = digestOf(3);
const OTHER = digestOf(4);
const PUT: PutIntent = { kind: "put", ours: OURS, result: RESULT, parent: etag('"1"'), writeId: "put-7", own: true };
const DISK: Intent = { kind: "disk", sha256: OURS, base: OURS };
const MERGED: Intent = { kind: "disk", sha256: RESULT, base: OTHER };

const remoteSeen = { etag: etag('"1"'), sha256: digestOf(1), ancestors: [], epoch: undefined };

const state = (intent: Intent | undefined): State => ({
  ...emptyState("s3://bucket"),
  base: OLD,
  intent,
  dirty: true,
  child: true,
  ownSave: OLD.sha256,
  remote: remoteSeen,
});
const remote = (sha256 = OTHER, writeId = "put-8", ancestors: readonly string[] = []): Seen["remote"] => ({
  etag: etag('"2"'),
  sha256,
  writeId,
  ancestors,
  epoch: 4,
});
const ours: Base = { kind: "content", sha256: OURS };

type Row = readonly [string, Intent | undefined, Seen, Base, moved?: "remote becomes the one seen"];
const ROWS: readonly Row[] = [
  [
    "a put whose write id the bucket carries has arrived",
    PUT,
    { remote: remote(OTHER, "put-7"), disk: OTHER },
    ours,
    "remote becomes the one seen",
  ],
  [
    "a put whose result is the bucket's has arrived",
    PUT,
    { remote: remote(RESULT), disk: undefined },
    ours,
    "remote becomes the one seen",
  ],
  [
    "a put whose result is an ancestor of the bucket's has arrived, and was built upon",
    PUT,
    { remote: remote(OTHER, "put-8", ["0".repeat(16), shortDigest(RESULT)]), disk: OTHER },
    ours,
  ],
  [
    "a put back to an ancestor of what was last seen was not done: that ancestor is the older version (A → B → A)",
    PUT,
    { remote: remote(OTHER, "put-8", [shortDigest(digestOf(1)), shortDigest(RESULT)]), disk: OURS },
    OLD,
  ],
  [
    "the version last seen, with such an ancestor, written again by somebody",
    PUT,
    { remote: remote(digestOf(1), "put-8", [shortDigest(RESULT)]), disk: OURS },
    OLD,
  ],
  ["a put that the bucket knows nothing of was not done", PUT, { remote: remote(), disk: OURS }, OLD],
  [
    "our own bytes among the ancestors prove nothing: the result is what was put",
    PUT,
    { remote: remote(OTHER, "put-8", [shortDigest(OURS)]), disk: OURS },
    OLD,
  ],
  ["a put into a bucket that has no graph was not done", PUT, { remote: undefined, disk: OURS }, OLD],
  ["a write that is on disk was done", DISK, { remote: undefined, disk: OURS }, ours],
  ["a write of which the disk shows nothing was not done", DISK, { remote: remote(OURS), disk: OTHER }, OLD],
  [
    "a merge on disk of which the bucket has a part was done: that part is base",
    MERGED,
    { remote: undefined, disk: RESULT },
    { kind: "content", sha256: OTHER },
  ],
  ["a write to a file that is gone was not done", DISK, { remote: remote(OURS), disk: undefined }, OLD],
  ["without an intent nothing is changed", undefined, { remote: remote(RESULT, "put-7"), disk: OURS }, OLD],
];

describe("after a restart", () => {
  for (const [name, intent, seen, base, moved] of ROWS)
    test(name, () => {
      const own = intent?.kind === "put" && base !== OLD ? OURS : OLD.sha256;
      const expected = { ...state(undefined), base, ownSave: own };
      const { etag: tag, sha256, ancestors, epoch } = seen.remote ?? { ...remoteSeen, etag: etag("") };
      expect(recoverIntent(state(intent), seen)).toEqual(
        moved === undefined ? expected : { ...expected, remote: { etag: tag, sha256, ancestors, epoch } },
      );
    });
});

describe("a put found among the bucket's ancestors", () => {
  const LAST = digestOf(1);
  const at = (...digests: readonly Digest[]): readonly string[] => digests.map(shortDigest);
  const base = (ancestors: readonly string[], last: State["remote"], parent = PUT.parent): Base =>
    recoverIntent({ ...state({ ...PUT, parent }), remote: last }, { remote: remote(OTHER, "x", ancestors), disk: OURS })
      .base;
  const seen = remoteSeen;

  test.each([
    ["is ours when it is newer than the version last seen", at(RESULT, LAST), seen, ours],
    ["is ours when the version last seen is too old to be named", at(OTHER, RESULT), seen, ours],
    ["is ours when no version was ever seen", at(OTHER, OTHER, RESULT), undefined, ours],
    ["is not when it is older than the version last seen", at(LAST, RESULT), seen, OLD],
    ["is not when it is the version last seen itself", at(RESULT), { ...seen, sha256: RESULT }, OLD],
    ["is not when only the version last seen is there", at(LAST), seen, OLD],
  ] as const)("%s", (_, ancestors, last, expected) => expect(base(ancestors, last)).toEqual(expected));

  test("is not when the bucket's version is still the one it was to replace", () =>
    expect(base(at(RESULT), undefined, etag('"2"'))).toEqual(OLD));
});

describe("earlier puts whose answers were lost", () => {
  const LOST = { ...PUT, ours: digestOf(5), result: digestOf(6), writeId: "put-6" };
  const twice: State = { ...state(PUT), lost: [LOST] };

  test("a late one that is the bucket's version is ours, and the list is done with", () =>
    expect(recoverIntent(twice, { remote: remote(digestOf(6), "put-6"), disk: OURS })).toEqual({
      ...state(undefined),
      base: { kind: "content", sha256: digestOf(5) },
      ownSave: digestOf(5),
      remote: { etag: etag('"2"'), sha256: digestOf(6), ancestors: [], epoch: 4 },
    }));
  test("the newest that arrived counts", () =>
    expect(recoverIntent(twice, { remote: remote(RESULT, "put-7"), disk: OURS }).base).toEqual(ours));
  test("none of them there: they are kept, a request may still be on its way", () =>
    expect(recoverIntent(twice, { remote: remote(), disk: OURS })).toEqual({ ...state(undefined), lost: [LOST] }));
  test("they count without an intent too", () =>
    expect(recoverIntent({ ...twice, intent: undefined }, { remote: remote(OTHER, "put-6"), disk: OURS }).base).toEqual(
      {
        kind: "content",
        sha256: digestOf(5),
      },
    ));
});

test("whatever was seen, the intent is settled, the base is old or one that was put or written, the rest is kept", () =>
  fc.assert(
    fc.property(
      fc.constantFrom<Intent>(PUT, DISK),
      fc.option(
        fc.record({
          etag: fc.constant(etag('"2"')),
          sha256: anyDigest(),
          writeId: fc.constantFrom("put-7", "x", ""),
          ancestors: fc.array(fc.string()),
          epoch: fc.constant(undefined),
        }),
        { nil: undefined },
      ),
      fc.option(fc.oneof(anyDigest(), fc.constant(OURS)), { nil: undefined }),
      (intent, seen, disk) => {
        const { base, remote: after, ownSave, ...rest } = recoverIntent(state(intent), { remote: seen, disk });
        const { base: _, remote: before, ownSave: own, ...expected } = state(undefined);
        expect(rest).toEqual(expected);
        expect([own, intent.kind === "put" && base.kind === "content" && base.sha256]).toContain(ownSave);
        expect([OLD, ours]).toContainEqual(base);
        expect([before?.etag, seen?.etag]).toContain(after?.etag);
      },
    ),
  ));

describe("whether the next save is a first one", () => {
  const first = (intent: Intent, seen: Seen): boolean => isFirstSave(recoverIntent(state(intent), seen));

  test("it is, after a write to the disk: what was written there came from the bucket", () =>
    expect(first(DISK, { remote: undefined, disk: OURS })).toBe(true));
  test("it is not, after a put of what the child had saved", () =>
    expect(first(PUT, { remote: remote(OTHER, "put-7"), disk: OURS })).toBe(false));
  test("it is, after a put of what a person had written", () =>
    expect(first({ ...PUT, own: false }, { remote: remote(OTHER, "put-7"), disk: OURS })).toBe(true));
  test("it is as it was, where the deed was not done", () =>
    expect(first(DISK, { remote: undefined, disk: OTHER })).toBe(false));
});
