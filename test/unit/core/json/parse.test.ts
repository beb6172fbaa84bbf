import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonNode } from "../../../../src/core/json/node.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { allNodes, toValue } from "./to-value.ts";

const reference = (text: string): { readonly ok: boolean; readonly value?: unknown } => {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
};

const root = (text: string): JsonNode => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.what} at ${parsed.problem.at}`);
  return parsed.root;
};

const agrees = (text: string): void => {
  const expected = reference(text);
  const parsed = parseJson(text);
  expect({ text, ok: parsed.ok }).toEqual({ text, ok: expected.ok });
  if (parsed.ok) expect(toValue(parsed.root)).toStrictEqual(expected.value);
  else expect(parsed.problem.at).toBeLessThanOrEqual(text.length);
};

/** Texts near the border: each character of the grammar, in any order, is often wrong and sometimes right. */
const nearJson = fc
  .array(
    fc.constantFrom(
      ...'{}[],:"\\/-+.eEu0123bnrtf \t\n\r\u0000\u001f\u00a0\ufeff',
      "true",
      "false",
      "null",
      '"a"',
      "12",
    ),
  )
  .map((parts) => parts.join(""));

const spaced = fc
  .tuple(fc.json({ stringUnit: "binary" }), fc.integer({ min: 0, max: 4 }))
  .map(([json, indent]) => JSON.stringify(JSON.parse(json), undefined, indent));

describe("the parser accepts just what JSON.parse accepts, and reads the same", () => {
  test("in whole documents, with and without white space", () =>
    fc.assert(fc.property(fc.oneof(fc.json(), spaced), agrees)));

  test("in documents with one character changed, added or removed", () =>
    fc.assert(
      fc.property(spaced, fc.nat(), fc.nat(2), fc.constantFrom(...'{}[],:"\\-+.e0 \n\u0001x'), (json, n, cut, c) => {
        const at = n % (json.length + 1);
        agrees(json.slice(0, at) + c + json.slice(at + cut));
        agrees(json.slice(0, at) + json.slice(at + cut));
      }),
      { numRuns: 500 },
    ));

  test("in any order of the grammar's characters", () => fc.assert(fc.property(nearJson, agrees), { numRuns: 3000 }));

  test.each([
    ...["", " ", "\ufeff{}", "\u00a01", "nul", "nulll", "True", "NaN", "Infinity", "undefined", "'a'"],
    ...[
      "-",
      "+1",
      "01",
      "-01",
      "00",
      "1.",
      ".5",
      "1.e1",
      "1e",
      "1e+",
      "1E-",
      "0x10",
      "1_0",
      "1n",
      "-0",
      "0e0",
      "-0.0E+00",
    ],
    ...['"', '"\\', '"\\u', '"\\u12', '"\\u123g"', '"\\x41"', '"\\U0041"', '"\t"', '"\u007f"', '"\u2028"', '"\\u0000"'],
    ...['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\ud83d\\ude00"', '"\\uD800"', '"\ud800"', '"\\uaBcD"', '"a\\', '"a\n"'],
    ...["[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "[ ]", "[1 , 2 ]", "[]x", "[}", "[1}"],
    ...["{", "}", "{ }", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{,}", "{a:1}", '{"a" 1}', '{"a"=1}'],
    ...['{"a":1 "b":2}', '{"a":1,,"b":2}', '{"a":1]', '{"a":1}}', '{ "a" : 1 , "b" : 2 }', "{1:2}", '{"a":1;"b":2}'],
    ...['{"__proto__":{"x":1}}', '{"":1}', '{"2":1,"1":2}', '{"a":1,"a":2}', "1 2", "/**/1", "1//"],
  ])("in the case of %j", agrees);
});

describe("what JSON.parse forgets is kept", () => {
  test("each value knows where it stands: that piece of the text is the value", () =>
    fc.assert(
      fc.property(spaced, (text) => {
        for (const node of allNodes(root(` \n${text}\t`))) {
          const piece = ` \n${text}\t`.slice(node.start, node.end);
          expect(piece).toBe(piece.trim());
          expect(JSON.parse(piece)).toStrictEqual(toValue(node));
        }
      }),
    ));

  test("each value tells its kind", () =>
    expect(root('["a",true,null,{}]')).toEqual({
      kind: "array",
      start: 0,
      end: 18,
      items: [
        { kind: "string", value: "a", start: 1, end: 4 },
        { kind: "literal", value: true, start: 5, end: 9 },
        { kind: "literal", value: null, start: 10, end: 14 },
        { kind: "object", entries: new Map(), start: 15, end: 17 },
      ],
    }));

  test("numbers keep their digits", () => {
    for (const text of ["9007199254740993", "1.0", "-0", "1e400", "10E-1", "0.10000000000000000000000000001"])
      expect(root(text)).toEqual({ kind: "number", text, start: 0, end: text.length });
  });

  test("keys keep their order and are data: integer-like, empty, `__proto__`", () => {
    const node = root('{"b":1,"2":2,"1":3,"":4,"__proto__":5,"constructor":6}');
    expect(node.kind === "object" && [...node.entries.keys()]).toEqual(["b", "2", "1", "", "__proto__", "constructor"]);
  });

  test("keys that occur twice are named, wherever they are, and the last one counts", () => {
    const parsed = parseJson('{"a":1,"b":[{"c":1,"\\u0063":2}],"a":3,"a":4}');
    expect(parsed).toMatchObject({ ok: true, duplicates: ["c", "a", "a"] });
    expect(parsed.ok && toValue(parsed.root)).toEqual({ a: 4, b: [{ c: 2 }] });
    expect(parseJson('{"a":{"a":{"a":1}},"A":1}')).toMatchObject({ ok: true, duplicates: [] });
  });
});

describe("depth", () => {
  test("of 1000 is read", () => {
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const)
      expect(parseJson(`${open.repeat(1000)}1${close.repeat(1000)}`).ok).toBe(true);
  });

  test("above it is refused, at its place", () => {
    expect(parseJson(`${"[".repeat(1001)}1${"]".repeat(1001)}`)).toEqual({
      ok: false,
      problem: { what: "nested deeper than 1000 levels", at: 1001 },
    });
    expect(parseJson(`${'{"a":'.repeat(1001)}1${"}".repeat(1001)}`)).toMatchObject({
      ok: false,
      problem: { what: "nested deeper than 1000 levels" },
    });
  });

  test("of a million does not end the process", () => {
    for (const piece of ["[", '{"a":', '[{"a":'])
      expect(parseJson(piece.repeat(1_000_000))).toMatchObject({
        ok: false,
        problem: { what: "nested deeper than 1000 levels" },
      });
  });

  test("is not length: a million values beside each other are read", () =>
    expect(parseJson(`[${"0,".repeat(999_999)}0]`).ok).toBe(true));
});

describe("a refusal says what is wrong and where", () => {
  test.each([
    ["", "the document ends too early", 0],
    ["[1,", "the document ends too early", 3],
    ["[1", "the document ends too early", 2],
    ['{"a":1', "the document ends too early", 6],
    ["{} x", "text after the end of the document", 3],
    ["[1 2]", "`,` or `]` is missing", 3],
    ['{"a":1 "b"', "`,` or `}` is missing", 7],
    ["{a", "a key in double quotes is missing", 1],
    ['{"a":1, }', "a key in double quotes is missing", 8],
    ['{"a" 1', "`:` is missing after a key", 5],
    ["[nul]", "not a JSON value", 1],
    ['"abc', "the document ends inside a string", 4],
    ['"ab\n"', "a control character stands in a string", 3],
    ['"ab\\x"', "an unknown escape stands in a string", 3],
    ['"ab\\', "an unknown escape stands in a string", 3],
  ])("%j: %s at %i", (text, what, at) => expect(parseJson(text)).toEqual({ ok: false, problem: { what, at } }));
});
