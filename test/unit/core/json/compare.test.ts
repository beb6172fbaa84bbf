import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText } from "../../../../src/core/json/canonical-text.ts";
import { compareJson } from "../../../../src/core/json/compare.ts";
import { equalJson } from "../../../../src/core/json/equal.ts";
import type { JsonNode } from "../../../../src/core/json/node.ts";
import { parseJson, parseJsonLines } from "../../../../src/core/json/parse.ts";
import { pointerOf } from "../../../../src/core/json/pointer.ts";

const node = (text: string): JsonNode => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem.what}`);
  return parsed.root;
};

/** Few values, in several spellings, so that equal ones are found often. */
const text = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      "0",
      "-0",
      "1",
      "1.0",
      "10",
      "1e1",
      "-12",
      "12",
      '""',
      '"a"',
      '"\\u0061"',
      '"b"',
      "true",
      "false",
      "null",
    ),
    fc.array(tie("value"), { maxLength: 2 }).map((items) => `[${items.join(", ")}]`),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "10", "__proto__"), tie("value")), {
        selector: ([key]) => key,
        maxLength: 2,
      })
      .map((members) => `{${members.map(([key, value]) => `"${key}":${value}`).join(",")}}`),
  ),
})).value;

describe("canonical texts", () => {
  test("are equal just for equal values", () =>
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(canonicalText(node(a)) === canonicalText(node(b))).toBe(equalJson(node(a), node(b)));
      }),
      { numRuns: 3000 },
    ));

  test.each([
    ["100", "1e2"],
    ["-120", "-12e1"],
    ["7", "7e0"],
    ['{"b":1,"a":[true,null]}', '{"a":[true,null],"b":1e0}'],
  ])("%s is %s", (value, canonical) => expect(canonicalText(node(value))).toBe(canonical));
});

describe("the order of values", () => {
  test("is total, and 0 just for equal values", () =>
    fc.assert(
      fc.property(text, text, text, (x, y, z) => {
        const [a, b, c] = [node(x), node(y), node(z)];
        const sign = (left: JsonNode, right: JsonNode): number => Math.sign(compareJson(left, right));
        expect(sign(a, b) + sign(b, a)).toBe(0);
        expect(sign(a, b) === 0).toBe(equalJson(a, b));
        if (sign(a, b) >= 0 && sign(b, c) >= 0) expect(sign(a, c)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 3000 },
    ));

  test.each([
    ["null", "0"],
    ["0", '""'],
    ['"z"', "[]"],
    ["[9]", "{}"],
    ["[1]", "[1,0]"],
    ['{"a":2}', '{"b":1}'],
    ['{"a":1}', '{"a":2}'],
    ['{"a":1}', '{"a":1,"b":0}'],
    ['"a"', '"b"'],
  ])("%s is before %s", (a, b) => expect(compareJson(node(a), node(b))).toBeLessThan(0));
});

describe("pointers (RFC 6901)", () => {
  test.each([
    [[], ""],
    [[""], "/"],
    [["a/b", "m~n", "0"], "/a~1b/m~0n/0"],
    [["~1"], "/~01"],
  ])("%j is %s", (tokens, pointer) => {
    const path = tokens.reduce<Parameters<typeof pointerOf>[0]>((parent, token) => ({ parent, token }), undefined);
    expect(pointerOf(path)).toBe(pointer);
  });
});

describe("JSON Lines", () => {
  test.each([
    ["", 0],
    ["\n\n", 0],
    ["1", 1],
    ["1\n", 1],
    ['{"a":1}\r\n[2]\r\n\r\n"x"', 3],
    [" 1 \n 2 ", 2],
  ])("%j holds %i", (lines, count) => {
    const parsed = parseJsonLines(lines);
    expect(parsed).toMatchObject({ ok: true, root: { kind: "array", start: 0, end: lines.length } });
    if (parsed.ok && parsed.root.kind === "array") expect(parsed.root.items).toHaveLength(count);
  });

  test.each([
    ["1 2", 2],
    ["{\n}", 3],
    ["1\n{", 3],
    ["1,\n2", 1],
  ])("%j is refused", (lines, at) => expect(parseJsonLines(lines)).toMatchObject({ ok: false, problem: { at } }));

  test("places are those in the whole text", () => {
    const lines = '{"a":1}\n{"b":"x"}\n';
    const parsed = parseJsonLines(lines);
    if (!parsed.ok || parsed.root.kind !== "array") throw new Error("not parsed");
    expect(parsed.root.items.map(({ start, end }) => lines.slice(start, end))).toEqual(['{"a":1}', '{"b":"x"}']);
  });
});
