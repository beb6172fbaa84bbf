import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { merge } from "../../../../src/core/merge/merge.ts";
import { type MergeRequest, mergeRequest } from "../../../../src/core/merge/merge-request.ts";
import { anyDocument, clocks, type Document, keyedDocument, spelling, type Value, withClock } from "./documents.ts";
import { recordedFacts } from "./facts.ts";

const encode = (value: Value | string): Uint8Array =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

const OPTIONS = { policy: "newest" } as const;

type Given = Partial<Pick<MergeRequest, "firstSave">> & { base: Value; other?: Value; ours: Value; theirs: Value };

const merged = ({ base, other, ours, theirs, firstSave }: Given) => {
  const outcome = mergeRequest({
    base: encode(base),
    otherView: other === undefined ? undefined : encode(other),
    firstSave,
    ours: encode(ours),
    theirs: encode(theirs),
    options: OPTIONS,
  });
  if (outcome.kind === "refused") throw new Error(outcome.why);
  const result: Value = JSON.parse(new TextDecoder().decode(outcome.bytes));
  return { ...outcome, result };
};

/** A graph of the app that the profile knows. */
const graph = (services: Value, more: Document = {}): Document => ({
  version: "1.0.0",
  last_updated: "2025-01-01T00:00:00Z",
  services,
  patterns: {},
  ...more,
});

describe("a first save", () => {
  const rich = graph({ x: { name: "x", owner: "somebody" } }, { extra: { team: "t" } });
  const poor = graph({ x: { name: "x" }, y: { name: "y" } });

  test("what an older app does not write stays, and what it added is added", () => {
    const { result, conflicts } = merged({ base: rich, firstSave: true, ours: poor, theirs: rich });
    const services = { x: { name: "x", owner: "somebody" }, y: { name: "y" } };
    expect({ result, conflicts }).toEqual({ result: graph(services, { extra: { team: "t" } }), conflicts: [] });
    expect(merged({ base: rich, ours: poor, theirs: rich }).result).toEqual(poor);
  });

  test("a record that is gone was removed by the user", () => {
    const ours = graph({}, { extra: { team: "t" } });
    expect(merged({ base: rich, firstSave: true, ours, theirs: rich }).result).toEqual(ours);
  });

  test("of an app that nobody knows everything stays", () => {
    const { result } = merged({
      base: { services: { x: 1 }, b: 1 },
      firstSave: true,
      ours: {},
      theirs: { services: { x: 1 } },
    });
    expect(result).toEqual({ services: { x: 1 } });
  });
});

test("a first save removes no field of an element that is known by a key of its list", () => {
  const request = { base: encode({ l: [{ sku: 1, a: 1, b: 1 }, { sku: 2 }] }), firstSave: true };
  const ours = encode({ l: [{ sku: 1, a: 2 }, { sku: 2 }] });
  const theirs = encode({ l: [{ sku: 1, a: 1, b: 3 }, { sku: 2 }] });
  const outcome = mergeRequest({ ...request, ours, theirs, options: { ...OPTIONS, identityAt: { "/l": ["sku"] } } });
  if (outcome.kind === "refused") throw new Error(outcome.why);
  const result = JSON.parse(new TextDecoder().decode(outcome.bytes));
  expect([result, outcome.conflicts]).toEqual([{ l: [{ sku: 1, a: 2, b: 3 }, { sku: 2 }] }, []]);
});

describe("two views", () => {
  const base = graph({ x: { name: "x" } });
  const other = graph({ x: { name: "x" }, y: { name: "y" } });

  test("what the app may never have seen is not removed by its save, whichever it has", () => {
    const ours = graph({ x: { name: "x" }, z: { name: "z" } });
    const all = { x: { name: "x" }, y: { name: "y" }, z: { name: "z" } };
    expect(merged({ base, other, ours, theirs: other }).result).toEqual(graph(all));
    expect(merged({ base: other, other: base, ours, theirs: other }).result).toEqual(graph(all));
  });

  test("what both have is removed", () => {
    const ours = graph({ y: { name: "y" } });
    expect(merged({ base, other, ours, theirs: other }).result).toEqual(ours);
  });

  test("a second view that is damaged proves nothing", () => {
    const request = { base: encode(base), ours: encode(graph({})), theirs: encode(base), options: OPTIONS };
    expect(mergeRequest({ ...request, otherView: encode('{"a":') })).toEqual(mergeRequest(request));
  });
});

test.each([
  ["base", encode("{"), encode("{}")],
  ["ours", encode("{}"), encode("{")],
])("a damaged document is refused in the merge's own words: %s", (name, base, ours) => {
  const request = { base, ours, theirs: encode('{"a":1}'), options: OPTIONS };
  const outcome = mergeRequest({ ...request, firstSave: true, otherView: encode("[]") });
  expect(outcome).toEqual({ kind: "refused", why: expect.stringContaining(`${name}: it is not json`) });
});

test("a file of records has no views", () => {
  const request = {
    base: encode('{"id":1}\n{"id":2}\n'),
    ours: encode('{"id":1}\n'),
    theirs: encode('{"id":1}\n{"id":2}\n{"id":3}\n'),
    options: { ...OPTIONS, format: "jsonl" },
  } as const;
  const views = { otherView: encode('{"id":1}\n'), firstSave: true };
  expect(mergeRequest({ ...request, ...views })).toEqual(mergeRequest(request));
});

/** Members by JSON pointer that all of the documents can have: below objects only. `null` is an empty one. */
const membersOf = (value: Value | undefined, path = ""): ReadonlyMap<string, Value> => {
  const found = new Map<string, Value>();
  if (typeof value !== "object" || value === null || Array.isArray(value)) return found;
  for (const [name, member] of Object.entries(value)) {
    const here = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    found.set(here, member);
    for (const [below, inner] of membersOf(member, here)) found.set(below, inner);
  }
  return found;
};

const isObject = (value: Value | undefined): boolean =>
  typeof value === "object" && (value === null || !Array.isArray(value));

/** Members that the document lacks though it has what they would be in. */
const lackedBy = (document: Document, members: ReadonlyMap<string, Value>): readonly string[] => {
  const has = membersOf(document);
  const parent = (place: string): string => place.slice(0, place.lastIndexOf("/"));
  return [...members.keys()].filter(
    (place) => !has.has(place) && (parent(place) === "" || isObject(has.get(parent(place)))),
  );
};

const own = (document: Document, ...others: readonly Document[]): fc.Arbitrary<Document> =>
  fc.constantFrom(document, ...others.map((other) => ({ ...other, ...document })), ...others);

/** Documents with much in common, as those of one life are. */
const lives = fc.tuple(anyDocument, keyedDocument, anyDocument, anyDocument, keyedDocument).chain(([a, b, c, d, e]) =>
  fc.record({
    base: own(a, e),
    other: own(b, a, e),
    ours: own(c, a, b, { ...a, ...d }),
    theirs: own(d, a, b, c),
    times: clocks,
  }),
);

describe("the laws of a request", () => {
  const RUNS = { numRuns: 1000 };

  test("nothing special: as merge, byte for byte", () =>
    fc.assert(
      fc.property(lives, spelling, ({ base, ours, theirs, times: [our, their] }, spell) => {
        const documents = [spell(base), spell(withClock(ours, our)), spell(withClock(theirs, their))];
        const [first, second, third] = documents.map(encode);
        if (first === undefined || second === undefined || third === undefined) throw new Error("no document");
        const request = { ours: second, theirs: third, options: OPTIONS };
        const plain = merge(first, second, third, OPTIONS);
        expect(mergeRequest({ ...request, base: first })).toEqual(plain);
        expect(mergeRequest({ ...request, base: first, firstSave: false })).toEqual(plain);
        expect(mergeRequest({ ...request, base: first, otherView: encode(base) })).toEqual(plain);
        for (const unknown of ["absent", undefined] as const)
          expect(mergeRequest({ ...request, base: unknown, firstSave: true, otherView: first })).toEqual(
            merge(unknown, second, third, OPTIONS),
          );
      }),
      RUNS,
    ));

  test("a first save removes no member of theirs", () => {
    let lacking = 0;
    fc.assert(
      fc.property(lives, ({ base, ours, theirs }) => {
        const outcome = merged({ base, firstSave: true, ours, theirs });
        const [theirMembers, baseMembers, result] = [theirs, base, outcome.result].map((value) => membersOf(value));
        const kept = lackedBy(ours, theirMembers ?? new Map()).filter((place) => baseMembers?.has(place));
        lacking += kept.length;
        expect(kept.filter((place) => result?.has(place) !== true)).toEqual([]);
      }),
      RUNS,
    );
    expect(lacking).toBeGreaterThan(100);
  });

  test("what only one of two views has is never removed", () => {
    let lacking = 0;
    fc.assert(
      fc.property(lives, ({ base, other, ours, theirs }) => {
        const outcome = merged({ base, other, ours, theirs });
        const [inBase, inOther, result] = [base, other, outcome.result].map((value) => membersOf(value));
        const recorded = recordedFacts(outcome.conflicts, "theirs");
        const kept = lackedBy(ours, membersOf(theirs)).filter((place) => inBase?.has(place) !== inOther?.has(place));
        lacking += kept.length;
        expect(kept.filter((place) => result?.has(place) !== true && !recorded.has(place))).toEqual([]);
      }),
      RUNS,
    );
    expect(lacking).toBeGreaterThan(100);
  });

  test("nor is an element of a set", () => {
    const set = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 5 });
    const sets = fc.record({ base: set, other: set, ours: set, theirs: set });
    fc.assert(
      fc.property(sets, ({ base, other, ours, theirs }) => {
        const { result } = merged({ base: { l: base }, other: { l: other }, ours: { l: ours }, theirs: { l: theirs } });
        const kept = theirs.filter((name) => base.includes(name) !== other.includes(name) && !ours.includes(name));
        expect(membersOf(result).get("/l")).toEqual(expect.arrayContaining(kept));
      }),
      RUNS,
    );
  });

  test("what both views have and ours lacks is removed, if theirs did not touch it", () => {
    fc.assert(
      fc.property(lives, fc.constantFrom<Value>(1, "x", { y: 1 }), ({ base, other, ours, theirs }, value) => {
        const shared = { gone: value };
        const views = { base: { ...base, ...shared }, other: { ...other, ...shared } };
        const { result } = merged({ ...views, ours, theirs: { ...theirs, ...shared } });
        expect(membersOf(result).has("/gone")).toBe(false);
      }),
    );
  });
});
