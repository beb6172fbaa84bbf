import fc from "fast-check";

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
export type Document = { readonly [key: string]: Value };

/** Few keys and few values, so that three documents have much in common, and hostile ones among them. */
const KEYS = ["a", "b", "name", "10", "2", "__proto__", "", "é~/", "updated_at"] as const;
const scalar = fc.constantFrom<Value>(
  0,
  1,
  2.5,
  "",
  "x",
  "<y>",
  true,
  null,
  "2025-07-03T21:13:11.37Z",
  "2025-07-03T23:13:12+02:00",
);

const object = (value: fc.Arbitrary<Value>): fc.Arbitrary<Document> =>
  fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 4, noNullPrototype: true });

const set = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "é"), { maxLength: 4 });
const numbers = fc.array(fc.constantFrom(0, 1, 2), { minLength: 2, maxLength: 2 });
const keyed = (value: fc.Arbitrary<Value>): fc.Arbitrary<readonly Value[]> =>
  fc.uniqueArray(
    fc.tuple(fc.constantFrom("n1", "n2", "n3"), object(value)).map(([id, rest]) => ({ ...rest, id })),
    { selector: ({ id }) => id, maxLength: 3 },
  );

const anonymous = fc.uniqueArray(fc.constantFrom<Value>({ v: 1 }, { v: 2 }, { v: 3 }, { v: 4 }, [1], [2], { w: {} }), {
  selector: (value) => JSON.stringify(value),
  maxLength: 4,
});
const repeated = fc.array(fc.constantFrom<Value>({ v: 1 }, { v: 2 }, [], "x", 1), { maxLength: 5 });

/** Any documents: also lists with repeated elements, and lists of another kind on each side. */
export const anyDocument: fc.Arbitrary<Document> = object(
  fc.letrec<{ value: Value }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      scalar,
      object(tie("value")),
      set,
      numbers,
      keyed(tie("value")),
      anonymous,
      repeated,
    ),
  })).value,
);

/** Elements that cannot be told apart, none twice, and in one order: none was moved. */
const unmoved = anonymous.map((list) =>
  [...list].sort(
    (a, b) => Number(JSON.stringify(a) > JSON.stringify(b)) - Number(JSON.stringify(a) < JSON.stringify(b)),
  ),
);

/** Documents in which a list is of one kind wherever it stands, as those of one app are. */
const orderly = (lists: Readonly<Record<string, fc.Arbitrary<Value>>>): fc.Arbitrary<Document> =>
  fc.letrec<{ value: Value; document: Document }>((tie) => ({
    value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalar, tie("document")),
    document: fc
      .tuple(
        object(tie("value")),
        fc.record(
          { set: fc.oneof(set, fc.constant(null)), vector: numbers, rows: keyed(tie("value")), ...lists },
          { requiredKeys: [] },
        ),
      )
      .map(([rest, known]) => ({ ...rest, ...known })),
  })).document;

export const keyedDocument: fc.Arbitrary<Document> = orderly({});
export const plainDocument: fc.Arbitrary<Document> = orderly({ list: unmoved });

const TIMES = ["2025-07-03T21:13:11Z", "2025-07-03T21:13:11.5Z", "2025-07-03T23:13:12+02:00"] as const;

/** A root clock for each of two sides; often the same, or none. */
export const clocks = fc.tuple(
  fc.option(fc.constantFrom(...TIMES), { nil: undefined }),
  fc.option(fc.constantFrom(...TIMES), { nil: undefined }),
);

export const withClock = (document: Document, time: string | undefined): Document =>
  time === undefined ? document : { last_updated: time, ...document };

const STYLES = [undefined, 2, 4, "\t"] as const;

/** Writes a document in one of the usual styles. */
export const spelling = fc
  .tuple(fc.constantFrom(...STYLES), fc.boolean(), fc.boolean())
  .map(([indent, newline, crlf]) => (document: Document): string => {
    const text = JSON.stringify(document, undefined, indent) + (newline ? "\n" : "");
    return crlf ? text.replaceAll("\n", "\r\n") : text;
  });

export const goSpelling = (document: Document): string =>
  JSON.stringify(document, undefined, 2).replaceAll(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
