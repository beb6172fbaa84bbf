import { describe, expect, test } from "vitest";
import { type ConflictRecord, renderConflictRecord } from "../../../../src/core/merge/conflict-record.ts";
import { mergeTexts } from "./merge-texts.ts";

const { conflicts, warnings } = mergeTexts(
  '{"gone":[1],"n":1,"q\\"/":{}}',
  '{"gone":[1,2],"n":1e0000,"q\\"/":9007199254740993}',
  '{"n":2.50,"q\\"/":"x"}',
);

const record: ConflictRecord = {
  time: "2025-10-03T00:40:18Z",
  writer: "host-1",
  policy: "newest",
  base: { sha256: "b".repeat(64) },
  ours: { sha256: "0".repeat(64), key: ".kgsync/conflicts/x.ours.json" },
  theirs: { sha256: "1".repeat(64), key: "knowledge_graph.json", etag: '"e1"' },
  result: { sha256: "2".repeat(64), key: "knowledge_graph.json" },
  conflicts,
  warnings: [...warnings, 'a "warning"'],
};

describe("the record of a merge", () => {
  test("names the documents, and holds both values of each conflict as they were spelt", () => {
    const text = renderConflictRecord(record);
    expect(JSON.parse(text)).toEqual({
      format: 1,
      kind: "merge",
      time: record.time,
      writer: "host-1",
      policy: "newest",
      base: record.base,
      ours: record.ours,
      theirs: record.theirs,
      result: record.result,
      conflicts: [
        // biome-ignore lint/correctness/noPrecisionLoss: what JSON.parse makes of it
        { pointer: '/q"~1', kind: "type", chosen: "theirs", base: {}, ours: 9007199254740993, theirs: "x" },
        { pointer: "/gone", kind: "delete/edit", chosen: "ours", base: [1], ours: [1, 2] },
      ],
      warnings: ['a "warning"'],
    });
    expect(text).toContain('"ours": 9007199254740993,');
    expect(text.endsWith("}\n")).toBe(true);
  });

  test("without a base, and with nothing to tell", () => {
    const parsed = JSON.parse(renderConflictRecord({ ...record, base: undefined, conflicts: [], warnings: [] }));
    expect(parsed).toMatchObject({ conflicts: [], warnings: [] });
    expect("base" in parsed).toBe(false);
  });
});
