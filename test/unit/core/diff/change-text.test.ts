import { describe, expect, it } from "vitest";
import { changeText, type Spelt } from "../../../../src/core/diff/change-text.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";

const spelt = (text: string): Spelt => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(text);
  return { text, node: parsed.root };
};

const shown = (from: unknown, to: unknown, width = 20): readonly [string, string] =>
  changeText(spelt(JSON.stringify(from)), spelt(JSON.stringify(to)), width);

describe("two values that differ", () => {
  it.each([
    ["short ones whole", "a", "b", ['"a"', '"b"']],
    ["as wide as fits whole", "x".repeat(18), "y", [`"${"x".repeat(18)}"`, '"y"']],
    ["a difference at the start", `a${"x".repeat(50)}`, "b", [`"a${"x".repeat(17)}…`, '"b"']],
    [
      "a difference far behind",
      `${"x".repeat(50)}one`,
      `${"x".repeat(50)}two and so on`,
      [`…${"x".repeat(12)}one"`, `…${"x".repeat(12)}two an…`],
    ],
    ["one that goes on", "x".repeat(50), `${"x".repeat(50)}!`, [`…${"x".repeat(12)}"`, `…${"x".repeat(12)}!"`]],
    ["no half characters", `${"\u{1f600}".repeat(30)}a`, `${"\u{1f600}".repeat(30)}b`, expect.anything()],
  ])("%s", (_, from, to, expected) => {
    const texts = shown(from, to);
    expect(texts).toEqual(expected);
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(20);
      expect(text.isWellFormed()).toBe(true);
    }
    expect(texts[0]).not.toBe(texts[1]);
  });
});
