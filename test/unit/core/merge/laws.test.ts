import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalJson } from "../../../../src/core/json/equal.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { merge } from "../../../../src/core/merge/merge.ts";
import { readDocument } from "../../../../src/core/merge/read-document.ts";
import { anyDocument, clocks, type Document, keyedDocument, plainDocument, spelling, withClock } from "./documents.ts";
import { factsOf, recordedFacts } from "./facts.ts";
import { mergeTexts } from "./merge-texts.ts";

const equal = (a: string, b: string): boolean => {
  const [x, y] = [parseJson(a), parseJson(b)];
  if (!x.ok || !y.ok) throw new Error("not JSON");
  return equalJson(x.root, y.root);
};

type Texts = { readonly base: string | undefined; readonly ours: string; readonly theirs: string };

const texts = (document: fc.Arbitrary<Document>, base: "always" | "sometimes" = "sometimes"): fc.Arbitrary<Texts> =>
  fc
    .record({
      documents: fc.tuple(document, document, document),
      times: clocks,
      spellings: fc.tuple(spelling, spelling, spelling),
      known: base === "always" ? fc.constant(true) : fc.boolean(),
    })
    .map(({ documents: [b, o, t], times: [ourTime, theirTime], spellings: [first, second, third], known }) => ({
      base: known ? first(withClock(b, "2025-01-01T00:00:00Z")) : undefined,
      ours: second(withClock(o, ourTime)),
      theirs: third(withClock(t, theirTime)),
    }));

/** A clock at the root that one side removes, or makes something else of, is in none of the results. */
const withoutOddClock = ({ updated_at: _, ...rest }: Document): Document => rest;

const policy = fc.constantFrom("newest", "ours", "theirs");
const RUNS = { numRuns: 2000 };

describe("the laws of a merge", () => {
  test("the result is a document", () =>
    fc.assert(
      fc.property(texts(anyDocument), policy, ({ base, ours, theirs }, by) => {
        const { text } = mergeTexts(base, ours, theirs, { policy: by });
        expect(readDocument(new TextEncoder().encode(text))).toMatchObject({ ok: true });
      }),
      RUNS,
    ));

  test("what one side did not touch is what the other side has, byte for byte", () =>
    fc.assert(
      fc.property(texts(anyDocument, "always"), ({ base = "", ours }) => {
        expect(mergeTexts(base, ours, base)).toMatchObject({ text: ours, conflicts: [] });
        expect(mergeTexts(base, base, ours)).toMatchObject({ text: ours, conflicts: [] });
        expect(mergeTexts(base, ours, ours)).toMatchObject({ text: ours, conflicts: [] });
        expect(mergeTexts(undefined, ours, ours)).toMatchObject({ text: ours, conflicts: [] });
      }),
    ));

  test("a result that says the same as one side is that side, byte for byte", () =>
    fc.assert(
      fc.property(texts(anyDocument), policy, ({ base, ours, theirs }, by) => {
        const { text, equalTo } = mergeTexts(base, ours, theirs, { policy: by });
        if (equal(text, ours) || equal(text, theirs)) expect([ours, theirs]).toContain(text);
        if (equalTo !== undefined) expect(text).toBe({ ours, theirs }[equalTo]);
        else expect(equal(text, ours) || equal(text, theirs)).toBe(false);
      }),
      RUNS,
    ));

  test("both machines come to the same bytes, and to the same decisions", () =>
    fc.assert(
      fc.property(texts(anyDocument), ({ base, ours, theirs }) => {
        const here = mergeTexts(base, ours, theirs);
        const there = mergeTexts(base, theirs, ours);
        expect(there.text).toBe(here.text);
        const swapped = there.conflicts.map((conflict) => ({
          ...conflict,
          ours: conflict.theirs,
          theirs: conflict.ours,
          chosen: conflict.chosen === "ours" ? "theirs" : "ours",
        }));
        expect(swapped).toEqual(here.conflicts);
      }),
      RUNS,
    ));

  test.each([
    ["keyed lists", keyedDocument],
    ["lists of unlike elements too", plainDocument],
  ])("merging the result with either side again changes nothing: %s", (_, document) =>
    fc.assert(
      fc.property(texts(document.map(withoutOddClock)), ({ base, ours, theirs }) => {
        const { text, conflicts } = mergeTexts(base, ours, theirs);
        // both replaced parts of a list that overlap: what belongs to what is a guess, and another one the next time
        fc.pre(conflicts.every(({ kind }) => kind !== "sequence") || document === keyedDocument);
        expect({ again: mergeTexts(base, text, theirs).text }).toEqual({ again: text });
        expect({ again: mergeTexts(base, ours, text).text }).toEqual({ again: text });
      }),
      { numRuns: 600 },
    ),
  );

  test("what a side added or changed is in the result or in the record", () =>
    fc.assert(
      fc.property(texts(anyDocument), policy, ({ base, ours, theirs }, by) => {
        const { text, conflicts } = mergeTexts(base, ours, theirs, { policy: by });
        const known = base === undefined ? new Set<string>() : factsOf(base);
        const result = factsOf(text);
        for (const side of ["ours", "theirs"] as const) {
          const recorded = recordedFacts(conflicts, side);
          const lost = [...factsOf({ ours, theirs }[side])].filter(
            (fact) =>
              !known.has(fact) &&
              !result.has(fact) &&
              !recorded.has(fact) &&
              !/\/(last_updated|updated_at)=/.test(fact),
          );
          expect({ side, lost }).toEqual({ side, lost: [] });
        }
      }),
      RUNS,
    ));

  test("nothing is invented", () =>
    fc.assert(
      fc.property(texts(anyDocument), policy, ({ base, ours, theirs }, by) => {
        const { text } = mergeTexts(base, ours, theirs, { policy: by });
        const said = new Set([...factsOf(ours), ...factsOf(theirs)]);
        expect([...factsOf(text)].filter((fact) => !said.has(fact))).toEqual([]);
      }),
      RUNS,
    ));

  test("any bytes: refused or a document, never an exception", () =>
    fc.assert(
      fc.property(
        fc.tuple(fc.uint8Array(), fc.json(), fc.json()),
        fc.constantFrom("json" as const, "jsonl" as const),
        ([bytes, one, two], format) => {
          const [a, b] = [one, two].map((text) => new TextEncoder().encode(text));
          if (a === undefined || b === undefined) throw new Error("no document");
          const options = { policy: "newest", format } as const;
          expect(readDocument(bytes, format).ok ? "merged" : merge(a, bytes, b, options).kind).toMatch(
            /refused|merged/,
          );
          const outcome = merge(undefined, a, b, options);
          if (outcome.kind === "merged") expect(readDocument(outcome.bytes, format).ok).toBe(true);
        },
      ),
    ));
});
