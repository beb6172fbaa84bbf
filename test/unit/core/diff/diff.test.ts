import { describe, expect, it } from "vitest";
import { diffDocuments, readSide } from "../../../../src/core/diff/diff-documents.ts";
import { type DiffOptions, diffValues } from "../../../../src/core/diff/diff-values.ts";
import { type Change, listChanges } from "../../../../src/core/diff/list-changes.ts";
import { outline, totalCounts } from "../../../../src/core/diff/outline.ts";
import { valueText, visible } from "../../../../src/core/diff/value-text.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { smallGraph } from "../small-graph.ts";

const side = (text: string) => {
  const read = readSide(new TextEncoder().encode(text));
  if (!read.ok) throw new Error(read.why);
  return read.side;
};

const changes = (from: string, to: string, options: DiffOptions = {}): readonly Change[] => {
  const difference = diffValues(side(from).root, side(to).root, options);
  return difference === undefined ? [] : listChanges(difference);
};

const lines = (from: string, to: string, options: DiffOptions = {}): readonly string[] =>
  changes(from, to, options).map(({ kind, pointer, steps }) => `${kind} ${pointer} ${steps.join(".")}`);

describe("lists", () => {
  it.each([
    ["a set", '{"l":["a","b"]}', '{"l":["c","b"]}', ["removed /l/0 l.[a]", "added /l/0 l.[c]"]],
    ["a set in another order", '{"l":["a","b"]}', '{"l":["b","a"]}', ["moved /l l"]],
    [
      "records with an identity, moved and changed",
      '{"l":[{"id":1,"v":1},{"id":2,"v":1}]}',
      '{"l":[{"id":2,"v":2},{"id":1,"v":1}]}',
      ["moved /l l", "changed /l/0/v l.[2].v"],
    ],
    ["numbers", '{"l":[1,2]}', '{"l":[1,3]}', ["changed /l l"]],
    [
      "what cannot be told apart, in pairs",
      '{"l":[{"v":1},{"v":1},[]]}',
      '{"l":[{"v":1},{"v":2},[]]}',
      ["changed /l/1/v l.[1].v"],
    ],
    ["what cannot be told apart", '{"l":[[],[],[1]]}', '{"l":[[],[1]]}', ["removed /l/1 l.[1]"]],
    ["an empty one", '{"l":[]}', '{"l":[1]}', ["added /l/0 l.[1]"]],
    ["null", '{"l":null}', '{"l":[1]}', ["changed /l l"]],
  ])("%s", (_, from, to, expected) => {
    expect(lines(from, to)).toEqual(expected);
  });

  it("goes by the identity keys of a single list", () => {
    const [from, to] = ['{"l":[{"sku":"x","n":1},{"sku":"y","n":1}]}', '{"l":[{"sku":"y","n":1},{"sku":"x","n":2}]}'];
    expect(lines(from, to, { identityAt: { "/l": ["sku"] } })).toEqual(["moved /l l", 'changed /l/1/n l.["x"].n']);
  });
});

describe("documents", () => {
  const from = JSON.stringify(smallGraph);
  const to = JSON.stringify({
    ...smallGraph,
    last_updated: "2025-10-04T00:00:00Z",
    version: "1.0.1",
    services: { user: { ...smallGraph.services.user, metadata: { replicas: 3 } }, billing: { name: "billing" } },
    patterns: {},
  });

  it("tell their sections, with counts", () => {
    const { difference, clocks } = diffDocuments(side(from), side(to), {});
    expect(clocks).toEqual(["last_updated"]);
    const sections = outline(difference);
    expect(
      sections.map(({ name, counts, entries }) => [name, counts, entries.map((one) => [one.name, one.kind])]),
    ).toEqual([
      ["version", { added: 0, removed: 0, changed: 1 }, [["", "changed"]]],
      [
        "services",
        { added: 1, removed: 0, changed: 1 },
        [
          ["user", "changed"],
          ["billing", "added"],
        ],
      ],
      ["patterns", { added: 0, removed: 1, changed: 0 }, [["retry", "removed"]]],
    ]);
    expect(totalCounts(sections)).toEqual({ added: 1, removed: 1, changed: 2 });
  });

  it("are equal when only a clock field differs", () => {
    const later = JSON.stringify({ ...smallGraph, last_updated: "2026-01-01T00:00:00Z" });
    expect(diffDocuments(side(from), side(later), {})).toEqual({ difference: undefined, clocks: ["last_updated"] });
  });

  it("need not be graphs; what is not JSON is refused", () => {
    expect(diffDocuments(side("[1]"), side("{}"), {}).difference).toMatchObject({ kind: "changed" });
    expect(
      diffDocuments(side('{"n":9007199254740993}'), side('{"n":9007199254740992.0}'), {}).difference,
    ).toBeDefined();
    expect(readSide(new TextEncoder().encode('{"a'))).toEqual({ ok: false, why: expect.stringContaining("not JSON") });
    expect(readSide(new Uint8Array())).toEqual({ ok: false, why: "it is empty" });
    expect(readSide(new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])).ok).toBe(true);
  });
});

describe("a value in words", () => {
  const shown = (text: string, width = 40): string => {
    const parsed = parseJson(text);
    if (!parsed.ok) throw new Error("not JSON");
    return valueText(text, parsed.root, width);
  };

  it("keeps the spelling, on one line, and never more than fits", () => {
    expect(shown('{ "a" :\n 1.0e2, "b": [true, null]}')).toBe('{"a": 1.0e2, "b": [true, null]}');
    expect(shown(`"${"x".repeat(100)}"`, 10)).toBe('"xxxxxxxx…');
    expect(shown(`[${"[1, 2], ".repeat(50)}0]`, 12)).toHaveLength(12);
    expect(shown('"\u{1f600}\u{1f600}"', 4)).toBe('"\u{1f600}…');
  });

  it("gives a terminal nothing to obey", () => {
    expect(visible("a\u001b[31mb\u202ec\u0085")).toBe("a\\u001b[31mb\\u202ec\\u0085");
  });
});
