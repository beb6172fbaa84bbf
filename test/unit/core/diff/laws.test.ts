import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffValues } from "../../../../src/core/diff/diff-values.ts";
import type { Difference } from "../../../../src/core/diff/difference.ts";
import { listChanges } from "../../../../src/core/diff/list-changes.ts";
import { outline, totalCounts } from "../../../../src/core/diff/outline.ts";
import { canonicalText } from "../../../../src/core/json/canonical-text.ts";
import { equalJson } from "../../../../src/core/json/equal.ts";
import type { JsonNode } from "../../../../src/core/json/node.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { anyDocument, goSpelling, keyedDocument, spelling } from "../merge/documents.ts";
import { applyDifference } from "./apply-difference.ts";

const parse = (text: string): JsonNode => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error("not JSON");
  return parsed.root;
};

const pair = fc
  .tuple(fc.oneof(anyDocument, keyedDocument), fc.oneof(anyDocument, keyedDocument), spelling)
  .map(([a, b, spell]) => ({ a: parse(goSpelling(a)), b: parse(spell(b)) }));

const RUNS = { numRuns: 1000 };

const PAST = { added: "removed", removed: "added", changed: "changed", moved: "moved" } as const;
const text = (node: JsonNode | undefined): string | undefined => node && canonicalText(node);

/** The leaves without the way to them: places in a list are other ones in the other document. */
const leaves = (difference: Difference | undefined, back: boolean): readonly string[] =>
  (difference === undefined ? [] : listChanges(difference))
    .map(({ kind, from, to, steps }) =>
      JSON.stringify([
        back ? PAST[kind] : kind,
        ...(back ? [text(to), text(from)] : [text(from), text(to)]).map((one) => one ?? "-"),
        steps.length,
      ]),
    )
    .sort();

describe("the laws of a difference", () => {
  test("there is none just where two documents are equal by meaning, however they are spelt", () =>
    fc.assert(
      fc.property(pair, anyDocument, spelling, ({ a, b }, document, spell) => {
        expect(diffValues(a, b) === undefined).toBe(equalJson(a, b));
        expect(diffValues(parse(goSpelling(document)), parse(spell(document)))).toBeUndefined();
      }),
      RUNS,
    ));

  test("put into the one document it gives the other", () =>
    fc.assert(
      fc.property(pair, ({ a, b }) => {
        expect(canonicalText(applyDifference(a, diffValues(a, b)))).toBe(canonicalText(b));
      }),
      RUNS,
    ));

  test("the other way round it says the same, with both sides exchanged", () =>
    fc.assert(
      fc.property(pair, ({ a, b }) => {
        const [there, back] = [diffValues(a, b), diffValues(b, a)];
        expect(leaves(back, true)).toEqual(leaves(there, false));
        const [forth, reverse] = [totalCounts(outline(there)), totalCounts(outline(back))];
        expect(reverse).toEqual({ added: forth.removed, removed: forth.added, changed: forth.changed });
      }),
      RUNS,
    ));

  test("the outline has every change once", () =>
    fc.assert(
      fc.property(pair, ({ a, b }) => {
        const difference = diffValues(a, b);
        const whole = difference === undefined ? [] : listChanges(difference);
        const parts = outline(difference).flatMap(({ entries }) => entries.flatMap(({ changes }) => changes));
        expect(parts).toEqual(whole);
      }),
      RUNS,
    ));
});
