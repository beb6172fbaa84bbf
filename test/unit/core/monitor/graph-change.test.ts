import fc from "fast-check";
import { expect, test } from "vitest";
import { visible } from "../../../../src/core/diff/value-text.ts";
import { compareGraphs, MAX_NAME, MAX_NAMES, MAX_SECTIONS } from "../../../../src/core/monitor/graph-change.ts";

const compare = (from: unknown, to: unknown, redact = (text: string) => text) => {
  const [before, after] = [from, to].map((one) => new TextEncoder().encode(JSON.stringify(one)));
  if (before === undefined || after === undefined) throw new Error("two graphs");
  return compareGraphs(before, after, {}, redact);
};

const NONE = { added: 0, removed: 0, changed: 0 };

test("sections, and in each what was added, changed and removed", () => {
  const from = {
    last_updated: 1,
    services: { api: { port: 1 }, old: {} },
    text: "a",
    gone: { a: 1 },
    same: { b: [1] },
  };
  const to = { last_updated: 2, services: { api: { port: 2 }, web: {} }, text: "b", same: { b: [1] } };
  expect(compare(from, to)).toEqual({
    list: [
      {
        name: "services",
        counts: { added: 1, removed: 1, changed: 1 },
        names: [
          { kind: "changed", name: "api" },
          { kind: "added", name: "web" },
          { kind: "removed", name: "old" },
        ],
      },
      { name: "text", counts: { ...NONE, changed: 1 }, names: [] },
      { name: "gone", counts: { ...NONE, removed: 1 }, names: [] },
    ],
    more: 0,
  });
});

test("the elements of a list are entries too; another order alone is a change of the whole", () => {
  const [a, b, c] = [
    { id: "a", n: 1 },
    { id: "b", n: 1 },
    { id: "c", n: 1 },
  ];
  expect(compare({ list: [a, b] }, { list: [{ ...a, n: 2, m: 3 }, c] })?.list).toEqual([
    {
      name: "list",
      counts: { added: 1, removed: 1, changed: 1 },
      names: expect.arrayContaining([
        { kind: "changed", name: '["a"]' },
        { kind: "added", name: '["c"]' },
        { kind: "removed", name: '["b"]' },
      ]),
    },
  ]);
  expect(compare({ list: [a, b] }, { list: [b, a] })?.list).toEqual([
    { name: "list", counts: { ...NONE, changed: 1 }, names: [] },
  ]);
});

test("equal by meaning is no section; what cannot be read is not compared", () => {
  expect(compare({ a: 1, last_updated: 1 }, { last_updated: 2, a: 1.0 })).toEqual({ list: [], more: 0 });
  expect(compareGraphs(new Uint8Array(), new Uint8Array(), {}, (text) => text)).toBeUndefined();
});

test("what is kept is bounded, whatever the graphs are, and has nothing of what entries hold", () => {
  const graph = fc.dictionary(
    fc.string({ maxLength: 100 }),
    fc.dictionary(fc.string({ unit: "binary", maxLength: 100 }), fc.constant("a-value-of-the-graph"), { maxKeys: 20 }),
    { maxKeys: 12 },
  );
  fc.assert(
    fc.property(graph, graph, (from, to) => {
      const { list, more } = compare(from, to) ?? { list: [], more: Number.NaN };
      expect(list.length).toBeLessThanOrEqual(MAX_SECTIONS);
      expect(more === 0 || (more > 0 && list.length === MAX_SECTIONS)).toBe(true);
      for (const { name, names, counts } of list) {
        expect(names.length).toBeLessThanOrEqual(MAX_NAMES);
        expect(counts.added + counts.removed + counts.changed).toBeGreaterThanOrEqual(Math.max(1, names.length));
        for (const text of [name, ...names.map((one) => one.name)]) {
          expect(Array.from(text).length).toBeLessThanOrEqual(MAX_NAME);
          expect(visible(text)).toBe(text);
        }
      }
      expect(JSON.stringify(list)).not.toContain("a-value-of-the-graph");
    }),
    { numRuns: 40 },
  );
});

test("a name is cut between characters, and after its secrets were taken out", () => {
  const names = { [`${"🚀".repeat(50)}`]: 1, [`key-${"x".repeat(30)}-hunter2-hunter2`]: 2, ["y".repeat(5000)]: 3 };
  const found = compare({ s: { a: 1 } }, { s: { a: 1, ...names } }, (text) =>
    text.replace("hunter2-hunter2", "[redacted]"),
  );
  expect(found?.list[0]?.names.map(({ name }) => name)).toEqual([
    `${"🚀".repeat(MAX_NAME - 1)}…`,
    `key-${"x".repeat(30)}-[red…`,
    `${"y".repeat(MAX_NAME - 1)}…`,
  ]);
});
