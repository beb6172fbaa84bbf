import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countLeaves } from "../../../../src/core/json/count-leaves.ts";
import { equalJson } from "../../../../src/core/json/equal.ts";
import type { JsonNode } from "../../../../src/core/json/node.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";

const node = (text: string): JsonNode => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem.what}`);
  return parsed.root;
};
const equal = (a: string, b: string): boolean => equalJson(node(a), node(b));

/** Few values, so that equal ones are found often. */
const small = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0, 1, "", "a", true, false, null),
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value"), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value;
const text = small.map((value) => JSON.stringify(value));

describe("equality by meaning", () => {
  test.each([
    ['{"a":1,"b":2}', '{ "b": 2.0, "a": 1e0 }'],
    ['"\\u0061/"', '"a\\/"'],
    ['{"\\u0061":null}', '{"a":null}'],
    ["[1,[],{}]", "[ 1.0, [], {} ]"],
    ['"\\ud800"', '"\\uD800"'],
    ["-0", "0"],
    ['{"a":1,"a":2}', '{"a":2}'],
  ])("%s is %s", (a, b) => expect(equal(a, b)).toBe(true));

  test.each([
    ["[1,2]", "[2,1]"],
    ["[1]", "[1,1]"],
    ["[1,1]", "[1]"],
    ["[]", "{}"],
    ["null", "false"],
    ["0", "false"],
    ["1", '"1"'],
    ['""', "null"],
    ["true", "false"],
    ['"a"', '"A"'],
    ['"\\ud800"', '"\\ud801"'],
    ["9007199254740993", "9007199254740992"],
    ['{"a":1}', '{"a":1,"b":1}'],
    ['{"a":1,"b":1}', '{"a":1,"c":1}'],
    ['{"a":null}', "{}"],
    ['{"__proto__":1}', "{}"],
    ['{"a":{"b":[1]}}', '{"a":{"b":[2]}}'],
    ["[[1]]", "[[2]]"],
    ["{}", "null"],
    ["[]", '""'],
    ["[]", "0"],
  ])("%s is not %s, either way round", (a, b) => expect([equal(a, b), equal(b, a)]).toEqual([false, false]));

  test("is what a deep comparison of the values says", () =>
    fc.assert(
      fc.property(small, small, (a, b) => {
        expect(equal(JSON.stringify(a), JSON.stringify(b))).toBe(isDeepStrictEqual(a, b));
      }),
      { numRuns: 2000 },
    ));

  test("holds for a value and itself, in any order of its keys", () =>
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (json) => {
        expect(equal(json, json)).toBe(true);
        const turned = JSON.stringify(JSON.parse(json), (_, v: unknown) =>
          typeof v === "object" && v !== null && !Array.isArray(v)
            ? Object.fromEntries(Object.entries(v).reverse())
            : v,
        );
        expect(equal(json, turned)).toBe(true);
      }),
    ));

  test("goes both ways, and on from one to the next", () =>
    fc.assert(
      fc.property(text, text, text, (a, b, c) => {
        expect(equal(a, b)).toBe(equal(b, a));
        if (equal(a, b) && equal(b, c)) expect(equal(a, c)).toBe(true);
      }),
      { numRuns: 1000 },
    ));
});

describe("leaves", () => {
  test.each([
    ["{}", 0],
    ["[]", 0],
    ["null", 0],
    ["[null,null]", 0],
    ['{"a":{"b":[{},[]]}}', 0],
    ["1", 1],
    ['""', 1],
    ["false", 1],
    ["true", 1],
    ['[1,"a",true,false,null,[2,[3]],{"x":4,"y":{"z":5}}]', 8],
  ])("%s has %i", (json, leaves) => expect(countLeaves(node(json))).toBe(leaves));

  test("are the scalars that JSON.parse meets, but for null", () =>
    fc.assert(
      fc.property(fc.json(), (json) => {
        let seen = 0;
        JSON.parse(json, (_, value: unknown) => {
          if (value !== null && typeof value !== "object") seen++;
          return null;
        });
        expect(countLeaves(node(json))).toBe(seen);
      }),
    ));
});
