import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { merge } from "../../../../src/core/merge/merge.ts";
import { mergeTexts, refusal } from "./merge-texts.ts";

const jsonl = { format: "jsonl" } as const;
const mergeLines = (base: readonly string[], ours: readonly string[], theirs: readonly string[]) => {
  const [b, o, t] = [base, ours, theirs].map((lines) => lines.map((line) => `${line}\n`).join(""));
  return mergeTexts(b, o ?? "", t ?? "", jsonl);
};

const alice = '{"type":"entity","name":"Alice","observations":["a"]}';
const bob = '{"type":"entity","name":"Bob","observations":[]}';
const knows = '{"type":"relation","from":"Alice","to":"Bob","relationType":"knows"}';

describe("files of one record on each line", () => {
  test("records added, edited and removed on both sides, by identity", () => {
    const edited = '{"type":"entity","name":"Alice","observations":["a","b"]}';
    const merged = mergeLines([alice, bob], [edited, bob, knows], [alice, '{"type":"entity","name":"Cid"}']);
    expect(merged.text).toBe(`${edited}\n${knows}\n{"type":"entity","name":"Cid"}\n`);
    expect(merged.conflicts).toEqual([]);
  });

  test("one record, edited on both sides", () => {
    const record = (list: string): string => `{"type":"entity","name":"Alice","observations":[${list}]}`;
    const merged = mergeLines(
      [record('"x","a"'), knows],
      [record('"x","a","o"'), knows],
      [record('"x","a","t"'), knows],
    );
    expect(merged.text).toBe(`${record('"x","a","t","o"')}\n${knows}\n`);
  });

  test("pointers begin with the place of the record in the result", () => {
    const merged = mergeLines(['{"id":1,"v":0}'], ['{"id":0}', '{"id":1,"v":1}'], ['{"id":1,"v":2}']);
    expect(merged.conflicts).toMatchObject([{ pointer: "/1/v", kind: "edit/edit", ours: "1", theirs: "2" }]);
  });

  test("records without an identity are a sequence: both sides' new lines are kept", () => {
    const merged = mergeLines(['{"v":1}'], ['{"v":1}', '{"v":2}'], ['{"v":1}', '{"v":1}']);
    expect(merged.text.split("\n").sort()).toEqual(["", '{"v":1}', '{"v":1}', '{"v":2}']);
  });

  test("an empty file is a file without records", () => {
    expect(mergeLines([], ['{"id":1}'], ['{"id":2}']).text).toBe('{"id":2}\n{"id":1}\n');
    expect(mergeTexts('{"id":1}\n', "", '{"id":1}\n{"id":2}\n', jsonl)).toMatchObject({
      text: '{"id":2}\n',
      conflicts: [],
    });
  });

  test("line ends and the final newline are the winner's", () => {
    expect(mergeTexts('{"id":1}', '{"id":1}\r\n{"id":5}', '{"id":1}\n{"id":4}\n', jsonl).text).toBe(
      '{"id":1}\r\n{"id":5}\r\n{"id":4}',
    );
  });

  test.each([
    ["torn", '{"id":1}\n{"id":', /^ours: it is not jsonl: the document ends too early/],
    ["two records on a line", '{"id":1} {"id":3}\n', /^ours: it is not jsonl: a line holds more than a record/],
    [
      "a record on two lines",
      '{"id":1,\n"v":3}\n',
      /^ours: it is not jsonl: a record goes on after the end of its line/,
    ],
    ["a key twice", '{"id":1,"id":3}\n', /^ours: the key "id" is in one object twice/],
  ])("%s: refused", (_, ours, why) => expect(refusal('{"id":1}\n', ours, '{"id":2}\n', jsonl)).toMatch(why));

  test("the laws hold for them too", () => {
    const record = fc
      .record({
        id: fc.constantFrom(1, 2, 3, 4),
        v: fc.constantFrom(0, 1),
        s: fc.uniqueArray(fc.constantFrom("a", "b", "c")),
      })
      .map((one) => one);
    const file = fc
      .uniqueArray(record, { selector: ({ id }) => id, maxLength: 4 })
      .map((records) => records.map((one) => `${JSON.stringify(one)}\n`).join(""));
    fc.assert(
      fc.property(file, file, file, (base, ours, theirs) => {
        const { text } = mergeTexts(base, ours, theirs, jsonl);
        expect(mergeTexts(base, theirs, ours, jsonl).text).toBe(text);
        expect(mergeTexts(base, text, theirs, jsonl).text).toBe(text);
        expect(mergeTexts(base, ours, text, jsonl).text).toBe(text);
        const ids = text
          .split("\n")
          .slice(0, -1)
          .map((line): unknown => JSON.parse(line).id);
        expect(new Set(ids).size).toBe(ids.length);
        const known = (of: string): readonly unknown[] =>
          of
            .split("\n")
            .filter(Boolean)
            .map((line) => JSON.parse(line).id);
        for (const id of known(ours)) if (!known(base).includes(id)) expect(ids).toContain(id);
      }),
      { numRuns: 1000 },
    );
  });

  test("any text: refused or merged, never an exception", () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
        expect(["merged", "refused"]).toContain(
          merge(undefined, encode(a), encode(b), { policy: "newest", format: "jsonl" }).kind,
        );
      }),
    ));
});
