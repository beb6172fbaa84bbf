import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Base, emptyState, type Intent, type PutIntent, type State } from "../../../src/core/state.ts";
import { formatState, parseState, STATE_FORMAT } from "../../../src/core/state-format.ts";
import { etag } from "../../../src/core/version.ts";
import { anyDigest, digestOf } from "./digest-of.ts";

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const tag = fc.string().map(etag);
const when = fc.integer({ min: 0 });

const anyPut: fc.Arbitrary<PutIntent> = fc.record({
  kind: fc.constant("put"),
  ours: anyDigest(),
  result: anyDigest(),
  parent: maybe(tag),
  writeId: fc.string(),
  own: fc.boolean(),
});

const anyState: fc.Arbitrary<State> = fc.record({
  store: fc.string({ unit: "grapheme" }),
  base: fc.oneof<fc.Arbitrary<Base>[]>(
    fc.constant({ kind: "none" }),
    fc.constant({ kind: "absent" }),
    fc.record({ kind: fc.constant("content"), sha256: anyDigest() }),
  ),
  child: fc.boolean(),
  ownSave: maybe(anyDigest()),
  otherView: maybe(anyDigest()),
  remote: maybe(
    fc.record({ etag: tag, sha256: anyDigest(), ancestors: fc.array(fc.string()), epoch: maybe(fc.nat()) }),
  ),
  intent: maybe(
    fc.oneof<fc.Arbitrary<Intent>[]>(
      fc.record({ kind: fc.constant("disk"), sha256: anyDigest(), base: anyDigest() }),
      anyPut,
    ),
  ),
  lost: fc.array(anyPut),
  dirty: fc.boolean(),
  largest: maybe(fc.record({ leaves: fc.nat(), sha256: anyDigest(), at: when })),
  latch: maybe(fc.record({ from: anyDigest(), leaves: fc.nat(), at: when })),
  probedAt: maybe(when),
});

const FULL: State = {
  store: "s3://bucket/prefix",
  base: { kind: "content", sha256: digestOf(1) },
  child: true,
  ownSave: digestOf(10),
  otherView: digestOf(9),
  remote: { etag: etag('"e"'), sha256: digestOf(2), ancestors: ["a", "b"], epoch: 5 },
  intent: { kind: "put", ours: digestOf(3), result: digestOf(4), parent: etag('"p"'), writeId: "w", own: true },
  lost: [{ kind: "put", ours: digestOf(7), result: digestOf(8), parent: undefined, writeId: "l", own: false }],
  dirty: true,
  largest: { leaves: 30, sha256: digestOf(5), at: 1 },
  latch: { from: digestOf(6), leaves: 2, at: 2 },
  probedAt: 3,
};

/** The full state's text with one place changed. */
const edited = (path: string, value: unknown): string => {
  const raw: unknown = JSON.parse(formatState(FULL), (_, item: unknown) => item);
  const parts = path.split(".");
  const put = (node: unknown, [name = "", ...rest]: readonly string[]): unknown => ({
    ...(node as object),
    [name]: rest.length === 0 ? value : put((node as Readonly<Record<string, unknown>>)[name], rest),
  });
  return JSON.stringify(put(raw, parts));
};

describe("the round trip", () => {
  test("gives back every state", () =>
    fc.assert(
      fc.property(anyState, (state) => {
        expect(parseState(formatState(state))).toEqual({ kind: "ok", state, newer: false });
      }),
    ));

  test("is a file that a person can read, with the format named first", () =>
    expect(formatState(emptyState("file:///data"))).toBe(
      '{\n  "format": 1,\n  "store": "file:///data",\n  "base": {\n    "kind": "none"\n  },\n  "child": false,\n  "lost": [],\n  "dirty": false\n}\n',
    ));

  test("an empty state knows nothing, not even that there was no graph", () =>
    expect(emptyState("x")).toEqual({
      store: "x",
      base: { kind: "none" },
      child: false,
      lost: [],
      dirty: false,
    }));
});

describe("a newer format", () => {
  test.each([1.5, 2, 99])("is read and flagged: %s", (format) =>
    expect(parseState(edited("format", format))).toEqual({ kind: "ok", state: FULL, newer: true }),
  );

  test("is what a higher number means; ours is 1", () => expect(STATE_FORMAT).toBe(1));

  test("may have members that we do not know", () =>
    expect(parseState(edited("epoch", { number: 7 }))).toEqual({ kind: "ok", state: FULL, newer: false }));
});

describe("a damaged file", () => {
  test.each([
    ["", "it is not a JSON object"],
    ["{", "it is not a JSON object"],
    ["null", "it is not a JSON object"],
    ["[]", "it is not a JSON object"],
    ['"format"', "it is not a JSON object"],
    ["{}", "it names no format"],
    [edited("format", "1"), "it names no format"],
    [edited("format", 0), "it names no format"],
    [edited("base", undefined), "its base cannot be read"],
    [edited("base", []), "its base cannot be read"],
    [edited("base.kind", "other"), "its base cannot be read"],
    [edited("base.sha256", "ABC"), "its base cannot be read"],
    [edited("base.sha256", 5), "its base cannot be read"],
    [edited("latch.from", ""), "its latch cannot be read"],
    [edited("latch.leaves", "2"), "its latch cannot be read"],
    [edited("latch.at", null), "its latch cannot be read"],
    [edited("latch", true), "its latch cannot be read"],
  ])("is told with its reason: %s", (text, why) => expect(parseState(text)).toEqual({ kind: "damaged", why }));

  test.each([
    ["store", 5, { store: "" }],
    ["dirty", "true", { dirty: false }],
    ["child", undefined, { child: true }],
    ["ownSave", "x", { ownSave: undefined }],
    ["otherView", "x", { otherView: undefined }],
    ["remote.epoch", "5", { remote: { ...FULL.remote, epoch: undefined } }],
    ["probedAt", "3", { probedAt: undefined }],
    ["latch", null, { latch: undefined }],
    ["largest", [], { largest: undefined }],
    ["largest.sha256", "x", { largest: undefined }],
    ["largest.leaves", "x", { largest: undefined }],
    ["largest.at", "x", { largest: undefined }],
    ["remote", "x", { remote: undefined }],
    ["remote.sha256", "x", { remote: undefined }],
    ["remote.etag", 1, { remote: undefined }],
    ["remote.ancestors", "ab", { remote: { etag: etag('"e"'), sha256: digestOf(2), ancestors: [], epoch: 5 } }],
    ["remote.ancestors", ["a", 1], { remote: { etag: etag('"e"'), sha256: digestOf(2), ancestors: ["a"], epoch: 5 } }],
    ["intent", 1, { intent: undefined }],
    ["intent.kind", "other", { intent: undefined }],
    ["intent.kind", "disk", { intent: undefined }],
    ["intent.ours", "x", { intent: undefined }],
    ["intent.result", "x", { intent: undefined }],
    ["intent.writeId", 1, { intent: undefined }],
  ])("loses only what cannot be read: %s = %j", (path, value, lost) =>
    expect(parseState(edited(path, value))).toEqual({ kind: "ok", state: { ...FULL, ...lost }, newer: false }),
  );

  test("never throws, wherever it is cut or scribbled over", () => {
    const text = formatState(FULL);
    for (let at = 0; at < text.length - 2; at++) {
      expect(parseState(text.slice(0, at)).kind).toBe("damaged");
      expect(["ok", "damaged"]).toContain(parseState(`${text.slice(0, at)}9${text.slice(at + 1)}`).kind);
    }
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(["ok", "damaged"]).toContain(parseState(json).kind);
      }),
    );
  });
});
