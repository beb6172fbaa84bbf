import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseBase } from "../../../../src/core/merge/choose-base.ts";
import { mergeRequest } from "../../../../src/core/merge/merge-request.ts";
import { anyDocument, type Document, spelling, type Value } from "./documents.ts";
import { factsOf, recordedFacts } from "./facts.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const choose = (ours: string, ...candidates: readonly string[]): number | undefined =>
  chooseBase(candidates.map(encode), encode(ours));

const at = (hour: number, a: string): string => JSON.stringify({ last_updated: `2025-01-01T0${hour}:00:00Z`, a });

describe("the version that ours was most likely made from", () => {
  test.each([
    ["none is kept", '{"a":1}', [], undefined],
    ["the very same", '{"a":1}', ['{"b":1}', '{"a":1}'], 1],
    ["the nearest", '{"a":1,"b":1,"c":1}', ["{}", '{"a":1}', '{"a":1,"b":1}'], 2],
    ["of equally near ones the newest", '{"a":1,"b":1}', ['{"a":1}', '{"b":1}'], 0],
    ["an edited value", '{"a":1}', ['{"a":2}'], 0],
    ["one that holds more, never", '{"a":1}', ['{"a":1,"b":1}'], undefined],
    ["not below either", '{"o":{}}', ['{"o":{"a":1}}'], undefined],
    ["nor in a list", '{"l":["a"]}', ['{"l":["a","b"]}', '{"l":[]}'], 1],
    ["an element twice is one more", '{"l":[1]}', ['{"l":[1,1]}'], undefined],
    ["an edited element is one that is missing", '{"l":[{"v":1}]}', ['{"l":[{"v":2}]}'], undefined],
    ["another order is a difference", '{"l":[1,2]}', ['{"l":[2,1]}', '{"l":[1,2]}'], 1],
    ["a container that is a text now", '{"a":"x"}', ['{"a":{}}', '{"a":[]}'], undefined],
    ["an empty map of Go", '{"a":{"b":1}}', ['{"a":null}'], 0],
    ["a damaged one", '{"a":1}', ['{"a":', '{"a":1,"a":1}', "{}"], 2],
    ["a later one, never: its edits are not ours", at(1, "x"), [at(2, "x"), at(0, "y")], 1],
    ["ours is damaged", '{"a":', ["{}"], undefined],
  ])("%s", (_, ours, candidates, expected) => {
    expect(choose(ours, ...candidates)).toBe(expected);
  });
});

/** Whether `value` has all members and all elements that `old` has. */
const holds = (value: Value | undefined, old: Value): boolean => {
  if (Array.isArray(old)) {
    if (!Array.isArray(value)) return false;
    const left = value.map(sorted);
    return old.every((item) => {
      const at = left.indexOf(sorted(item));
      return at !== -1 && left.splice(at, 1).length === 1;
    });
  }
  if (typeof old !== "object" || old === null) return value !== undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const members = new Map(Object.entries(value));
  return Object.entries(old).every(([name, member]) => holds(members.get(name), member));
};

const sorted = (value: Value): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? { sorted: Object.entries(part).sort(([a], [b]) => Number(a > b) - Number(a < b)) }
      : part,
  );

/** Ours is often made of a candidate, as it is in life. */
const versions = fc
  .tuple(fc.array(anyDocument, { maxLength: 3 }), anyDocument, anyDocument)
  .chain(([candidates, added, theirs]) =>
    fc.record({
      candidates: fc.constant(candidates),
      ours: fc.constantFrom<Document>(added, ...candidates.map((old) => ({ ...old, ...added })), {
        ...added,
        ...candidates[0],
      }),
      theirs: fc.constantFrom<Document>(theirs, ...candidates, { ...candidates[0], ...theirs }),
      spell: spelling,
    }),
  );

describe("the laws of a guess", () => {
  test("what is chosen holds nothing that ours lacks", () => {
    let chosen = 0;
    fc.assert(
      fc.property(versions, ({ candidates, ours, spell }) => {
        const index = choose(spell(ours), ...candidates.map((old) => JSON.stringify(old)));
        if (index === undefined) return;
        chosen++;
        expect(holds(ours, candidates[index] ?? null)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(chosen).toBeGreaterThan(100);
  });

  test("one that ours was made of by adding to it, and by nothing else, is found", () =>
    fc.assert(
      fc.property(anyDocument, fc.constantFrom<Value>(1, "x", {}), ({ new: _, ...old }, value) => {
        expect(choose(JSON.stringify({ ...old, new: value }), '{"other":1}', JSON.stringify(old))).toBe(1);
      }),
    ));

  test("after a guess nothing of theirs is removed: it is in the result, or edited and in the record", () => {
    let guessed = 0;
    fc.assert(
      fc.property(versions, ({ candidates, ours, theirs }) => {
        const old = candidates.map((candidate) => JSON.stringify(candidate));
        const index = choose(JSON.stringify(ours), ...old);
        const base = index === undefined ? undefined : encode(old[index] ?? "");
        if (base !== undefined) guessed++;
        const documents = { ours: encode(JSON.stringify(ours)), theirs: encode(JSON.stringify(theirs)) };
        const outcome = mergeRequest({ base, ...documents, options: { policy: "newest" } });
        if (outcome.kind === "refused") throw new Error(outcome.why);
        const result = factsOf(new TextDecoder().decode(outcome.bytes));
        const recorded = recordedFacts(outcome.conflicts, "theirs");
        const places = [...factsOf(JSON.stringify(theirs))].filter((fact) => !fact.includes("="));
        expect(places.filter((place) => !result.has(place) && !recorded.has(place))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(guessed).toBeGreaterThan(100);
  });
});
