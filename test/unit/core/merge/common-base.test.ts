import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commonBase } from "../../../../src/core/merge/common-base.ts";
import { mergeRequest } from "../../../../src/core/merge/merge-request.ts";
import { anyDocument, type Document } from "./documents.ts";
import { factsOf, recordedFacts } from "./facts.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const common = (ours: string, ...versions: readonly string[]): readonly [number, unknown] | undefined => {
  const found = commonBase(versions.map(encode), encode(ours));
  return found && [found.index, JSON.parse(decode(found.base))];
};

describe("what a document has in common with the kept versions", () => {
  test.each<[string, string, readonly string[], readonly [number, unknown] | undefined]>([
    ["none is kept", '{"a":1}', [], undefined],
    ["nothing", '{"a":1}', ['{"b":1}', '{"a":2}', "{}"], undefined],
    ["the very same", '{"a":1}', ['{"b":1}', '{"a":1.0}'], [1, { a: 1 }]],
    ["most of several", '{"a":1,"b":1,"c":1}', ['{"a":1}', '{"a":1,"b":1}'], [1, { a: 1, b: 1 }]],
    ["of equally much the newest", '{"a":1,"b":1}', ['{"a":1}', '{"b":1}'], [0, { a: 1 }]],
    ["an edited value is not in it", '{"a":1,"b":1}', ['{"a":2,"b":1}'], [0, { b: 1 }]],
    ["nor what ours lacks", '{"a":1}', ['{"a":1,"b":1}'], [0, { a: 1 }]],
    ["below too", '{"o":{"a":1,"c":2}}', ['{"o":{"a":1,"b":1}}'], [0, { o: { a: 1 } }]],
    ["elements of a list, as often as both have them", '{"l":[1,2,3]}', ['{"l":[4,2,2,1]}'], [0, { l: [2, 1] }]],
    ["an edited element is none", '{"l":[{"v":1}],"a":1}', ['{"l":[{"v":2}],"a":1}'], [0, { l: [], a: 1 }]],
    ["a container that is a text now", '{"a":"x","b":1}', ['{"a":{},"b":1}'], [0, { b: 1 }]],
    [
      "keys that are no names",
      '{"__proto__":1,"1":1}',
      ['{"1":1,"__proto__":1}'],
      [0, JSON.parse('{"1":1,"__proto__":1}')],
    ],
    ["a damaged version", '{"a":1}', ['{"a":1', '{"a":1,"a":1}', '{"a":1}'], [2, { a: 1 }]],
    ["ours is damaged", '{"a":1', ['{"a":1}'], undefined],
  ])("%s", (_, ours, versions, expected) => {
    expect(common(ours, ...versions)).toEqual(expected);
  });
});

/** Ours is often made of a version, as it is in life. */
const versions = fc
  .tuple(fc.array(anyDocument, { maxLength: 3 }), anyDocument, anyDocument)
  .chain(([old, added, theirs]) =>
    fc.record({
      old: fc.constant(old),
      ours: fc.constantFrom<Document>(added, ...old.map((version) => ({ ...version, ...added })), {
        ...added,
        ...old[0],
      }),
      theirs: fc.constantFrom<Document>(theirs, ...old, { ...old[0], ...theirs }),
    }),
  );

describe("the laws of a guess", () => {
  test("ours removes and changes nothing of theirs without a record", () => {
    let guessed = 0;
    fc.assert(
      fc.property(versions, ({ old, ours, theirs }) => {
        const documents = { ours: encode(JSON.stringify(ours)), theirs: encode(JSON.stringify(theirs)) };
        const found = commonBase(
          old.map((version) => encode(JSON.stringify(version))),
          documents.ours,
        );
        if (found !== undefined) guessed++;
        const outcome = mergeRequest({ base: found?.base, ...documents, options: { policy: "newest" } });
        if (outcome.kind === "refused") throw new Error(outcome.why);
        const result = factsOf(decode(outcome.bytes));
        const recorded = recordedFacts(outcome.conflicts, "theirs");
        const places = [...factsOf(JSON.stringify(theirs))].filter((fact) => !fact.includes("="));
        expect(places.filter((place) => !result.has(place) && !recorded.has(place))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
    expect(guessed).toBeGreaterThan(100);
  });

  test("what ours has from a version, and theirs has removed since, stays removed", () =>
    fc.assert(
      fc.property(anyDocument, anyDocument, (old, added) => {
        const version = { ...old, gone: "fact" };
        const ours = encode(JSON.stringify({ ...added, ...version }));
        const found = commonBase([encode(JSON.stringify(version))], ours);
        const theirs = encode(JSON.stringify(old));
        const outcome = mergeRequest({ base: found?.base, ours, theirs, options: { policy: "newest" } });
        if (outcome.kind === "refused") throw new Error(outcome.why);
        expect(Object.keys(JSON.parse(decode(outcome.bytes)))).not.toContain("gone");
      }),
    ));
});
