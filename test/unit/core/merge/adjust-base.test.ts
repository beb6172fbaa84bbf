import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustBase, type View } from "../../../../src/core/merge/adjust-base.ts";
import type { MergeOptions, Source } from "../../../../src/core/merge/merge-types.ts";
import { readDocument } from "../../../../src/core/merge/read-document.ts";
import { anyDocument, spelling } from "./documents.ts";

const source = (text: string): Source => {
  const read = readDocument(new TextEncoder().encode(text));
  if (!read.ok) throw new Error(`${text}: ${read.why}`);
  return read.source;
};

type Given = Pick<MergeOptions, "identityAt"> & {
  readonly base: string;
  readonly other?: string;
  readonly records?: readonly string[];
};

const adjust = ({ base, other, records, identityAt }: Given, ours: string): string => {
  const view: View = {
    base: source(base),
    other: other === undefined ? undefined : source(other),
    firstSave: records === undefined ? undefined : { records },
    options: { policy: "newest", ...(identityAt === undefined ? {} : { identityAt }) },
  };
  return adjustBase(view, source(ours));
};

describe("the base of two views", () => {
  test.each([
    ["equal to base: ours", '{"a":1}', '{"a":2}', '{"a":1}', '{"a":1}'],
    ["equal to the other: ours", '{"a":1}', '{"a":2}', '{"a":2}', '{"a":2}'],
    ["equal to neither: base", '{"a":1}', '{"a":2}', '{"a":3}', '{"a":1}'],
    [
      "equal to neither, base has nothing: nothing, so that no value gives way unrecorded",
      "{}",
      '{"a":2}',
      '{"a":3}',
      "{}",
    ],
    ["as it is spelt: equal by meaning", '{"a":1.0}', '{"a":2}', '{"a":1}', '{"a":1.0}'],
    ["absent, in both: base", '{"a":1,"b":1}', '{"a":2,"b":1}', '{"b":1}', '{"a":1,"b":1}'],
    ["absent, only in base: nothing", '{"a":1,"b":1}', '{"b":1}', '{"b":1}', '{"b":1}'],
    ["absent, only in the other: nothing", '{"b":1}', '{"a":1,"b":1}', '{"b":2}', '{"b":1}'],
    ["in neither: nothing", '{"b":1}', '{"b":1}', '{"b":1,"c":1}', '{"b":1}'],
    ["each member by itself", '{"o":{"a":1,"b":1}}', '{"o":{"b":1,"c":1}}', '{"o":{}}', '{"o":{"b":1}}'],
    ["only one view has an object: none of its members", '{"o":{"a":1}}', '{"o":5}', '{"o":{}}', '{"o":{}}'],
    ["the same the other way round", '{"o":5}', '{"o":{"a":1}}', '{"o":{}}', '{"o":{}}'],
    ["null in ours is an empty object", '{"o":{"a":1,"b":1}}', '{"o":{"b":1}}', '{"o":null}', '{"o":{"b":1}}'],
    ["a set: what both have", '{"l":["a","b"]}', '{"l":["b","c"]}', '{"l":["x"]}', '{"l":["b"]}'],
    ["a set: what ours still has", '{"l":["a","b"]}', '{"l":["c"]}', '{"l":["x","a","c"]}', '{"l":["a","c"]}'],
    ["by key", '{"l":[{"id":1,"v":1},{"id":2}]}', '{"l":[{"id":1}]}', '{"l":[{"id":1}]}', '{"l":[{"id":1}]}'],
    ["by key, below", '{"l":[{"id":1,"v":1}]}', '{"l":[{"id":1,"w":1}]}', '{"l":[{"id":1,"x":1}]}', '{"l":[{"id":1}]}'],
    ["by value, twice", "[[1],[1],[2]]", "[[1]]", "[[3]]", "[[1]]"],
    ["null in ours is an empty list", '{"l":["a","b"]}', '{"l":["b"]}', '{"l":null}', '{"l":["b"]}'],
    ["keys are data", '{"__proto__":1,"":{"1":1}}', '{"":{"1":1}}', "{}", '{"":{"1":1}}'],
    ["another kind of document: base", '{"a":1}', '{"b":1}', "[]", '{"a":1}'],
  ])("%s", (_, base, other, ours, expected) => {
    expect(adjust({ base, other }, ours)).toBe(expected);
  });
});

describe("the base of a first save", () => {
  const records = ["/services/*"];
  test.each([
    ["nothing is lacking", '{"a":1, "b":2}', '{"a":3,"b":4}', '{"a":1, "b":2}'],
    ["a member is lacking: nothing", '{"a":1,"b":2}', '{"a":3}', '{"a":1}'],
    ["below", '{"o":{"a":1,"b":2}}', '{"o":{"a":1}}', '{"o":{"a":1}}'],
    ["null for a map", '{"o":{"a":1}}', '{"o":null}', '{"o":{}}'],
    ["a record is lacking: base", '{"services":{"x":{"a":1},"y":1}}', '{"services":{"y":1}}', undefined],
    ["all records, as null", '{"services":{"x":{"a":1}}}', '{"services":null}', '{"services":{"x":{"a":1}}}'],
    [
      "a field of a record",
      '{"services":{"x":{"a":1,"b":2}}}',
      '{"services":{"x":{"a":1}}}',
      '{"services":{"x":{"a":1}}}',
    ],
    ["where the records are", '{"services":{"x":{"a":1}},"b":1}', '{"b":1}', '{"b":1}'],
    ["an element of a list is lacking: base", '{"l":["a","b"]}', '{"l":["a"]}', undefined],
    ["a field of an element", '{"l":[{"id":1,"a":1}]}', '{"l":[{"id":1}]}', '{"l":[{"id":1}]}'],
    ["another kind of value: base", '{"o":{"a":1}}', '{"o":"text"}', undefined],
  ])("%s", (_, base, ours, expected = base) => {
    expect(adjust({ base, records }, ours)).toBe(expected);
  });

  test("of two views: a record counts as removed only if both have it", () => {
    const base = '{"services":{"x":{},"y":{}}}';
    expect(adjust({ base, other: '{"services":{"y":{}}}', records }, '{"services":{}}')).toBe('{"services":{"y":{}}}');
  });
});

describe("lists with keys of their own", () => {
  const base = '{"l":[{"sku":1,"a":1,"b":1},{"sku":2}]}';
  const both = '{"l":[{"sku":1,"a":2,"b":1}]}';
  test.each([
    [
      "a first save: the element is known, the field it lacks is how the app writes",
      { base, records: [] },
      '{"l":[{"sku":1,"a":1},{"sku":2}]}',
    ],
    ["two views: what both know of it", { base, other: both }, '{"l":[{"sku":1,"a":1,"b":1}]}'],
  ])("%s", (_, given, expected) => {
    expect(adjust({ ...given, identityAt: { "/l": ["sku"] } }, '{"l":[{"sku":1,"a":3}]}')).toBe(expected);
  });

  test("never by a key: an edited element is one that went and one that came, as in the merge", () => {
    const one = '{"l":[{"id":1,"a":1}]}';
    expect(adjust({ base: one, records: [], identityAt: { "/l": [] } }, '{"l":[{"id":1}]}')).toBe(one);
  });
});

describe("the laws of an adjusted base", () => {
  const texts = fc
    .tuple(fc.tuple(anyDocument, anyDocument, anyDocument), fc.tuple(spelling, spelling, spelling))
    .map(([[base, other, ours], [one, two, three]]) => ({ base: one(base), other: two(other), ours: three(ours) }));
  const records = fc.constantFrom(undefined, [], ["/*"], ["/a/*"]);
  const RUNS = { numRuns: 2000 };

  test("it is a document, whatever the app saved", () =>
    fc.assert(
      fc.property(texts, records, fc.boolean(), ({ base, other, ours }, first, two) => {
        const given = { base, ...(two ? { other } : {}), ...(first === undefined ? {} : { records: first }) };
        const adjusted = adjust(given, ours);
        expect(readDocument(new TextEncoder().encode(adjusted))).toMatchObject({ ok: true });
      }),
      RUNS,
    ));

  test("nothing is special about one view, or about two that are equal: it is base, byte for byte", () =>
    fc.assert(
      fc.property(texts, spelling, ({ base, ours }, spell) => {
        expect(adjust({ base }, ours)).toBe(base);
        expect(adjust({ base, other: spell(JSON.parse(base)) }, ours)).toBe(base);
      }),
      RUNS,
    ));

  test("a view that the app has not changed is its base", () =>
    fc.assert(
      fc.property(texts, ({ base, other }) => {
        expect(JSON.parse(adjust({ base, other }, base))).toEqual(JSON.parse(base));
        expect(JSON.parse(adjust({ base, other }, other))).toEqual(JSON.parse(other));
      }),
      RUNS,
    ));
});
