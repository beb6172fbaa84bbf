import { describe, expect, test } from "vitest";
import { merge } from "../../../../src/core/merge/merge.ts";
import { mergeTexts, refusal } from "./merge-texts.ts";

const GOOD = ['{"a":1}', '{"a":1,"o":0}', '{"a":1,"t":0}'] as const;
const bytes = (...values: readonly number[]): Uint8Array => new Uint8Array(values);

describe("nothing is guessed", () => {
  const hostile: readonly (readonly [string, Uint8Array | string, RegExp])[] = [
    ["empty", "", /^(base|ours|theirs): it is not json: the document ends too early \(at character 0\)$/],
    ["torn", '{"a":1,"b":', /: it is not json: the document ends too early/],
    ["not UTF-8", bytes(0x7b, 0x22, 0xff, 0x22, 0x7d), /: it is not UTF-8$/],
    ["a surrogate as UTF-8", bytes(0x22, 0xed, 0xa0, 0x80, 0x22), /: it is not UTF-8$/],
    ["a byte order mark", "\ufeff{}", /: it is not json: not a JSON value/],
    ["a key twice", '{"a":{"k":1,"\\u006b":2}}', /: the key "k" is in one object twice$/],
    ["too deep", `${"[".repeat(2000)}${"]".repeat(2000)}`, /: it is not json: nested deeper than/],
    ["too large", `{"a":"${"x".repeat(1000)}"}`, /: it is larger than 1000 bytes$/],
  ];
  test.each(hostile)("%s: refused, whichever document it is", (_, document, why) => {
    const options = { maxBytes: 1000 };
    const small = _ === "too deep" ? {} : options;
    expect(refusal(document, GOOD[1], GOOD[2], small)).toMatch(why);
    expect(refusal(GOOD[0], document, GOOD[2], small)).toMatch(why);
    expect(refusal(GOOD[0], GOOD[1], document, small)).toMatch(why);
  });

  test("a document as deep as is allowed is merged", () => {
    const deep = (leaf: string): string => `${'{"a":'.repeat(999)}${leaf}${"}".repeat(999)}`;
    expect(mergeTexts(deep("{}"), deep('{"o":1}'), deep('{"t":1}')).text).toBe(deep('{"o":1,"t":1}'));
  });
});

describe("what there was before", () => {
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  test("nothing, or nobody knows what: both keep all, only one is a warning", () => {
    for (const [base, warnings] of [
      ["absent", 0],
      [undefined, 1],
    ] as const) {
      const outcome = merge(base, encode(GOOD[1]), encode(GOOD[2]), { policy: "newest" });
      if (outcome.kind === "refused") throw new Error(outcome.why);
      expect(new TextDecoder().decode(outcome.bytes)).toBe('{"a":1,"o":0,"t":0}');
      expect(outcome.warnings).toHaveLength(warnings);
    }
  });

  test("equal bytes are not even parsed", () => {
    const torn = encode('{"a":');
    for (const [base, ours, theirs, equalTo] of [
      [torn, torn, encode(GOOD[1]), "theirs"],
      [torn, encode(GOOD[1]), torn, "ours"],
      [encode(GOOD[0]), torn, torn, "theirs"],
      [undefined, torn, torn, "theirs"],
    ] as const)
      expect(merge(base, ours, theirs, { policy: "newest" })).toMatchObject({ kind: "merged", equalTo });
  });
});
