import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeSha256 } from "../../../src/adapters/node-sha256.ts";
import { checkDocument } from "../../../src/core/check-document.ts";
import { modeByName } from "../../../src/core/document.ts";
import { documentWords } from "../../../src/core/document-words.ts";
import { sameMeaning } from "../../../src/core/graph.ts";
import { chooseWhole } from "../../../src/core/merge/choose-whole.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const bytes = fc.uint8Array({ maxLength: 6 });
const check = (text: string, mode: Parameters<typeof checkDocument>[1]) =>
  checkDocument(encode(text), mode, nodeSha256);

describe("a document by its mode", () => {
  test.each([
    ["merge-json", '{"a":1}', "valid"],
    ["merge-json", "[1,2]", "valid"],
    ["merge-json", "12", "invalid"], // it could be the beginning of 123
    ["merge-json", "", "torn"],
    ["merge-json", '{"a":1', "torn"],
    ["merge-jsonl", "", "valid"],
    ["merge-jsonl", '{"a":1}\n{"b":2}', "valid"],
    ["merge-jsonl", '{"a":1}\n\n{"b":2}\n', "valid"],
    ["merge-jsonl", '{"a":1}\n{"b":', "torn"],
    ["merge-jsonl", '{"a":1} {"b":2}', "torn"],
    ["merge-jsonl", '{\n"a":1}', "torn"],
    ["replace", "", "valid"],
    ["replace", '{"a":', "valid"],
  ] as const)("%s %j is %s", (mode, text, kind) => expect(check(text, mode).kind).toBe(kind));

  test("facts are values, of bytes their number; the file's name tells what it is", () => {
    const leaves = (text: string, mode: Parameters<typeof checkDocument>[1]) => {
      const checked = check(text, mode);
      return checked.kind === "valid" ? checked.graph.leaves : undefined;
    };
    expect(leaves('{"a":1,"b":[2,3]}', "merge-json")).toBe(3);
    expect(leaves('{"a":1}\n{"a":2}', "merge-jsonl")).toBe(2);
    expect(leaves("four", "replace")).toBe(4);
    expect(["a.json", "a.jsonl", "a.ndjson", "jsonl", "a.db"].map(modeByName)).toEqual([
      "merge-json",
      "merge-jsonl",
      "merge-jsonl",
      "merge-json",
      "merge-json",
    ]);
  });

  test("bytes are the same only if they are the same; records are so whatever their spelling", () => {
    const same = (a: Uint8Array, b: Uint8Array, mode: Parameters<typeof checkDocument>[1]): boolean => {
      const [one, two] = [checkDocument(a, mode, nodeSha256), checkDocument(b, mode, nodeSha256)];
      return one.kind === "valid" && two.kind === "valid" && sameMeaning(one.graph, two.graph);
    };
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(same(a, b, "replace")).toBe(Buffer.compare(a, b) === 0);
      }),
    );
    expect(same(encode('{"a":1, "b":2}\n'), encode('{"b":2,"a":1.0}'), "merge-jsonl")).toBe(true);
    expect(same(encode("1\n2"), encode("2\n1"), "merge-jsonl")).toBe(false);
  });
});

describe("of bytes one side is taken whole", () => {
  const policy = fc.constantFrom("newest", "ours", "theirs");
  const base = fc.oneof(bytes, fc.constantFrom("absent" as const, undefined));

  test("the result is one side's bytes, and the other, where it is lost, is a conflict", () => {
    fc.assert(
      fc.property(base, bytes, bytes, policy, (from, ours, theirs, by) => {
        const outcome = chooseWhole(from, ours, theirs, by);
        if (outcome.kind !== "merged") throw new Error(outcome.why);
        expect(outcome.bytes).toEqual(outcome.equalTo === "ours" ? ours : theirs);
        const other = outcome.equalTo === "ours" ? theirs : ours;
        const isNew = (side: Uint8Array): boolean => !(from instanceof Uint8Array) || Buffer.compare(side, from) !== 0;
        const loses = Buffer.compare(ours, theirs) !== 0 && isNew(other);
        expect(outcome.conflicts.map(({ chosen }) => chosen)).toEqual(loses ? [outcome.equalTo] : []);
      }),
    );
  });

  test.each([
    ["newest", "b", "ours"],
    ["newest", "absent", "ours"],
    ["newest", undefined, "theirs"], // nobody knows how old ours is
    ["ours", undefined, "ours"],
    ["theirs", "b", "theirs"],
  ] as const)("both have changed, %s, base %s: %s", (by, from, chosen) => {
    const known = from === "b" ? encode("b") : from;
    expect(chooseWhole(known, encode("o"), encode("t"), by)).toMatchObject({ equalTo: chosen });
  });
});

test("what is said of the graph is said of a document, but no path and no key is changed", () => {
  expect(documentWords("the graph is in the bucket; graph (graph)")).toBe(
    "the document is in the bucket; document (document)",
  );
  for (const text of ["/data/graph.json", "knowledge_graph.json", "a/graph/b", "graph-x", "--graph", "paragraph"])
    expect(documentWords(text)).toBe(text);
  expect(documentWords("nothing is known of the graph.")).toBe("nothing is known of the document.");
});
