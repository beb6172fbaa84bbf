import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { canonicalText } from "../../../../src/core/json/canonical-text.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { chooseValues } from "../../../../src/core/merge/choose-values.ts";
import { renderConflictRecord } from "../../../../src/core/merge/conflict-record.ts";
import type { Side } from "../../../../src/core/merge/merge-types.ts";
import { readConflictRecord } from "../../../../src/core/merge/read-conflict-record.ts";
import { readDocument } from "../../../../src/core/merge/read-document.ts";
import { anyDocument, keyedDocument, spelling } from "./documents.ts";
import { mergeTexts } from "./merge-texts.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const canonical = (text: string): string => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(text);
  return canonicalText(parsed.root);
};

const recordOf = ({ conflicts, warnings }: Pick<ReturnType<typeof mergeTexts>, "conflicts" | "warnings">) => {
  const version = { sha256: "a".repeat(64) };
  const common = { time: "2025-10-03T00:00:00.000Z", writer: "host-12345678", policy: "newest" as const };
  const sides = {
    base: undefined,
    ours: { ...version, key: "k" },
    theirs: { ...version, etag: '"e"' },
    result: version,
  };
  const text = renderConflictRecord({ ...common, ...sides, conflicts, warnings });
  const record = readConflictRecord(encode(text));
  if (record?.kind !== "merge") throw new Error(`not read: ${text}`);
  return { record, text, ...common, ...sides };
};

/** The result of a merge with the other decisions, or the place where they cannot be put in. */
const choose = (base: string, ours: string, theirs: string, side: Side) => {
  const merged = mergeTexts(base, ours, theirs);
  const { record } = recordOf(merged);
  const read = readDocument(encode(merged.text));
  if (!read.ok) throw new Error(read.why);
  return { merged, ...chooseValues(read.source, record.text, record.conflicts, side) };
};

const triple = fc
  .tuple(anyDocument, anyDocument, anyDocument, fc.tuple(spelling, spelling, spelling))
  .map(([base, ours, theirs, [a, b, c]]) => [a(base), b(ours), c(theirs)] as const);
const keyed = fc
  .tuple(keyedDocument, keyedDocument, keyedDocument, fc.tuple(spelling, spelling, spelling))
  .map(([base, ours, theirs, [a, b, c]]) => [a(base), b(ours), c(theirs)] as const);

describe("a conflict record", () => {
  test("is read as it was written, whatever the values are", () =>
    fc.assert(
      fc.property(triple, ([base, ours, theirs]) => {
        const merged = mergeTexts(base, ours, theirs);
        const { record, text, ...written } = recordOf(merged);
        expect(record).toMatchObject({ ...written, warnings: merged.warnings });
        const slice = (node: { readonly start: number; readonly end: number } | undefined): string | undefined =>
          node && text.slice(node.start, node.end);
        expect(
          record.conflicts.map((one) => ({
            ...one,
            base: slice(one.base),
            ours: slice(one.ours),
            theirs: slice(one.theirs),
          })),
        ).toEqual(merged.conflicts);
      }),
      { numRuns: 500 },
    ));

  it("of a whole document; and what is no record", () => {
    const document = { kind: "document", why: "w", time: "t", writer: "x", ours: { sha256: "s", key: "k" } };
    expect(readConflictRecord(encode(JSON.stringify(document)))).toMatchObject(document);
    for (const text of ["", "[]", "{}", '{"kind":"merge"', '{"kind":1}'])
      expect(readConflictRecord(encode(text))).toBeUndefined();
    expect(readConflictRecord(encode('{"kind":"merge","conflicts":[1,{},{"chosen":"x"}],"base":1}'))).toMatchObject({
      conflicts: [],
      base: undefined,
    });
  });
});

describe("the other decision", () => {
  test("is a document with the values of that side, in which nothing else is another one", () =>
    fc.assert(
      fc.property(fc.oneof(triple, keyed), ([base, ours, theirs]) => {
        for (const side of ["ours", "theirs"] as const) {
          const { merged, ...chosen } = choose(base, ours, theirs, side);
          const { record } = recordOf(merged);
          const others = record.conflicts.filter((conflict) => conflict.chosen !== side);
          if (others.length === 0) expect(chosen).toEqual({ ok: true, text: merged.text });
          // what is removed cannot be put back in its place, and a part of a list may be in it twice
          const removes = others.some(({ kind }) => kind === "delete/edit" || kind === "sequence");
          if (!removes) expect(chosen.ok).toBe(true);
          if (!chosen.ok) continue;
          const read = readDocument(encode(chosen.text));
          if (!read.ok) throw new Error(read.why);
          if (removes) continue;
          const swapped = others.map((conflict) => ({ ...conflict, chosen: side }));
          const back = chooseValues(read.source, record.text, swapped, side === "ours" ? "theirs" : "ours");
          expect(back.ok && canonical(back.text)).toBe(canonical(merged.text));
        }
      }),
      { numRuns: 1000 },
    ));

  it.each([
    ["a value", '{"a":1,"b":0}', '{"a":2,"b":0}', '{"a":3,"b":9}', '{"a":2,"b":9}'],
    ["a removal", '{"a":1,"b":0}', '{"b":0}', '{"a":3,"b":0}', '{"b":0}'],
    ["another kind", '{"a":1}', '{"a":{"x":1}}', '{"a":[2]}', '{"a":{"x":1}}'],
    ["in a record of a list", '[{"id":1,"v":0}]', '[{"id":1,"v":1}]', '[{"id":1,"v":2}]', '[{"id":1,"v":1}]'],
    ["a part of a list", '{"l":[[1],[2],[3]]}', '{"l":[[1],[8],[3]]}', '{"l":[[1],[9],[3]]}', '{"l":[[1],[8],[3]]}'],
  ])("%s", (_, base, ours, theirs, expected) => {
    const chosen = choose(base, ours, theirs, "ours");
    expect(chosen.merged.conflicts).toHaveLength(1);
    expect(chosen).toMatchObject({ ok: true, text: expected });
  });

  it("is not put where something else stands", () => {
    const { record } = recordOf(mergeTexts('{"a":1}', '{"a":2}', '{"a":3}'));
    for (const text of ['{"a":4}', "{}", "[3]", "3", '{"a":{"b":3}}']) {
      const read = readDocument(encode(text));
      if (!read.ok) throw new Error(read.why);
      expect(chooseValues(read.source, record.text, record.conflicts, "ours")).toEqual({ ok: false, pointer: "/a" });
    }
  });
});
