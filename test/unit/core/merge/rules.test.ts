import { describe, expect, test } from "vitest";
import type { Conflict } from "../../../../src/core/merge/merge-types.ts";
import { mergeTexts } from "./merge-texts.ts";

type Row = readonly [what: string, base: string, ours: string, theirs: string, result: string, conflicts?: string];

/** `/pointer kind base|ours|theirs chosen`, absent as `-`. */
const brief = ({ pointer, kind, base = "-", ours = "-", theirs = "-", chosen }: Conflict): string =>
  `${pointer} ${kind} ${base}|${ours}|${theirs} ${chosen}`;

const rows = (table: readonly Row[]): void => {
  test.each(table.map((row) => [...row] as const))("%s", (...[, base, ours, theirs, result, conflicts]: Row) => {
    const merged = mergeTexts(base, ours, theirs);
    expect(merged.text).toBe(result);
    expect(merged.conflicts.map(brief)).toEqual(conflicts === undefined ? [] : [conflicts]);
    expect(merged.warnings).toEqual([]);
  });
};

describe("one place, in all of its states", () => {
  rows([
    ["nobody changed it", '{"a":1}', '{"a":1,"o":0}', '{"a":1,"t":0}', '{"a":1,"o":0,"t":0}'],
    ["ours changed it", '{"a":1}', '{"a":2}', '{"a":1,"t":0}', '{"a":2,"t":0}'],
    ["theirs changed it", '{"a":1}', '{"a":1,"o":0}', '{"a":2}', '{"a":2,"o":0}'],
    ["both changed it alike", '{"a":1}', '{"a":2,"o":0}', '{"a":2.0,"t":0}', '{"a":2.0,"o":0,"t":0}'],
    ["ours removed it", '{"a":1,"b":1}', '{"b":1}', '{"a":1,"b":2}', '{"b":2}'],
    ["theirs removed it", '{"a":1,"b":1}', '{"a":1,"b":2}', '{"b":1}', '{"b":2}'],
    ["both removed it", '{"a":1,"b":1}', '{"b":1,"o":0}', '{"b":1,"t":0}', '{"b":1,"o":0,"t":0}'],
    ["both added it alike", "{}", '{"a":1,"o":0}', '{"a":1,"t":0}', '{"a":1,"o":0,"t":0}'],
    ["both changed it", '{"a":1}', '{"a":2}', '{"a":3}', '{"a":3}', "/a edit/edit 1|2|3 theirs"],
    ["both added it", "{}", '{"a":3}', '{"a":2}', '{"a":3}', "/a add/add -|3|2 ours"],
    ["ours removed, theirs edited", '{"a":1}', "{}", '{"a":2}', '{"a":2}', "/a delete/edit 1|-|2 theirs"],
    ["ours edited, theirs removed", '{"a":1}', '{"a":2}', "{}", '{"a":2}', "/a delete/edit 1|2|- ours"],
    ["other kinds of values", '{"a":1}', '{"a":"x"}', '{"a":[1]}', '{"a":[1]}', '/a type 1|"x"|[1] theirs'],
    ["a boolean is no null", '{"a":1}', '{"a":true}', '{"a":null}', '{"a":true}', "/a type 1|true|null ours"],
    ["kind beside no kind before", "{}", '{"a":{}}', '{"a":"x"}', '{"a":{}}', '/a type -|{}|"x" ours'],
    [
      "a number that JavaScript cannot hold",
      '{"a":9007199254740992}',
      '{"a":9007199254740993}',
      '{"a":9007199254740992,"t":0}',
      '{"a":9007199254740993,"t":0}',
    ],
  ]);
});

describe("objects", () => {
  rows([
    ["both added, with other members", "{}", '{"s":{"a":1}}', '{"s":{"b":1}}', '{"s":{"a":1,"b":1}}'],
    [
      "members are merged at any depth",
      '{"x":{"y":{"a":1,"b":1}}}',
      '{"x":{"y":{"a":2,"b":1}}}',
      '{"x":{"y":{"a":1,"b":2}}}',
      '{"x":{"y":{"a":2,"b":2}}}',
    ],
    [
      "keys that are data",
      '{"":1,"10":1,"9":1,"__proto__":1}',
      '{"":2,"10":1,"9":1,"__proto__":1}',
      '{"":1,"10":1,"9":1,"__proto__":{"a":2}}',
      '{"":2,"10":1,"9":1,"__proto__":{"a":2}}',
    ],
    ["a key spelt in two ways is one key", '{"a":1}', '{"\\u0061":1,"o":0}', '{"a":2}', '{"a":2,"o":0}'],
    ["pointers escape", '{"a/b~":1}', '{"a/b~":2}', '{"a/b~":3}', '{"a/b~":3}', "/a~1b~0 edit/edit 1|2|3 theirs"],
    [
      "an object removed, another member of it edited",
      '{"s":{"a":1,"b":1}}',
      "{}",
      '{"s":{"a":1,"b":2}}',
      '{"s":{"a":1,"b":2}}',
      '/s delete/edit {"a":1,"b":1}|-|{"a":1,"b":2} theirs',
    ],
  ]);
});

describe("null where a container was is an empty one", () => {
  rows([
    ["ours emptied it, theirs added", '{"s":{"a":1}}', '{"s":null}', '{"s":{"a":1,"b":2}}', '{"s":{"b":2}}'],
    ["theirs emptied it, ours added", '{"s":{"a":1}}', '{"s":{"a":1,"b":2}}', '{"s":null}', '{"s":{"b":2}}'],
    [
      "nothing is left: null stays null",
      '{"s":{"a":1,"b":1},"z":1}',
      '{"s":null,"z":1}',
      '{"s":{"b":1},"z":2}',
      '{"s":null,"z":2}',
    ],
    [
      "what the other edited survives",
      '{"s":{"a":1,"b":1}}',
      '{"s":null}',
      '{"s":{"a":2,"b":1}}',
      '{"s":{"a":2}}',
      "/s/a delete/edit 1|-|2 theirs",
    ],
    ["a list", '{"s":["a"]}', '{"s":null}', '{"s":["a","b"]}', '{"s":["b"]}'],
    ["never made before", "{}", '{"s":null}', '{"s":{"a":1}}', '{"s":{"a":1}}'],
    ["base null, both filled it", '{"s":null}', '{"s":{"a":1}}', '{"s":{"b":1}}', '{"s":{"a":1,"b":1}}'],
    [
      "where a scalar was it is a value",
      '{"s":1}',
      '{"s":null}',
      '{"s":{"a":1}}',
      '{"s":{"a":1}}',
      '/s type 1|null|{"a":1} theirs',
    ],
    [
      "removed by one, unchanged by the other",
      '{"s":{"a":1},"z":1}',
      '{"s":null,"z":1}',
      '{"s":{"a":1},"z":2}',
      '{"s":null,"z":2}',
    ],
  ]);
});

describe("lists of numbers, as many as before", () => {
  rows([
    ["each position for itself", '{"v":[1,2,3]}', '{"v":[9,2,3]}', '{"v":[1,2,8]}', '{"v":[9,2,8]}'],
    ["one position twice", '{"v":[1,2]}', '{"v":[5,2]}', '{"v":[6,3]}', '{"v":[6,3]}', "/v/0 edit/edit 1|5|6 theirs"],
    ["equal numbers may repeat", '{"v":[0,0,0]}', '{"v":[1,0,0]}', '{"v":[0,0,1]}', '{"v":[1,0,1]}'],
    ["more of them: a set", '{"v":[1,2]}', '{"v":[1,2,3]}', '{"v":[1,2,4]}', '{"v":[1,2,4,3]}'],
    [
      "both added one: no blend",
      "{}",
      '{"v":[0.1,0.2]}',
      '{"v":[0.1,0.3]}',
      '{"v":[0.1,0.3]}',
      "/v/1 add/add -|0.2|0.3 theirs",
    ],
  ]);
});

describe("lists whose elements can be told apart", () => {
  rows([
    [
      "a set: both added and removed",
      '{"s":["c","a","b"]}',
      '{"s":["c","a","b","x"]}',
      '{"s":["c","b","y"]}',
      '{"s":["c","b","y","x"]}',
    ],
    [
      "a set: both added the same",
      '{"s":["b","a"]}',
      '{"s":["b","a","x"]}',
      '{"s":["b","a","x","y"]}',
      '{"s":["b","a","x","y"]}',
    ],
    [
      "a sorted set stays sorted",
      '{"s":["a","z"]}',
      '{"s":["a","m","z"]}',
      '{"s":["a","k","z"]}',
      '{"s":["a","k","m","z"]}',
    ],
    ['1 and "1" are two', '{"s":[1,"x"]}', '{"s":[1,"x","1"]}', '{"s":[1,"x",true]}', '{"s":[1,"x","1",true]}'],
    ["1 and 1.0 are one", '{"s":[1,"x"]}', '{"s":[1.0,"x","o"]}', '{"s":[1,"x",true]}', '{"s":[1.0,"x","o",true]}'],
    [
      "by id",
      '{"r":[{"id":1,"v":0},{"id":2,"v":0}]}',
      '{"r":[{"id":1,"v":1},{"id":2,"v":0}]}',
      '{"r":[{"id":2,"v":2},{"id":3}]}',
      '{"r":[{"id":1,"v":1},{"id":2,"v":2},{"id":3}]}',
      '/r/0 delete/edit {"id":1,"v":0}|{"id":1,"v":1}|- ours',
    ],
    [
      "by method and path",
      '{"e":[{"method":"GET","path":"/a","d":0}]}',
      '{"e":[{"method":"GET","path":"/a","d":1}]}',
      '{"e":[{"method":"GET","path":"/a","d":0},{"method":"POST","path":"/a"}]}',
      '{"e":[{"method":"GET","path":"/a","d":1},{"method":"POST","path":"/a"}]}',
    ],
    [
      "by from, to and relationType",
      '{"r":[{"from":"a","to":"b","relationType":"x"}]}',
      '{"r":[{"from":"a","to":"b","relationType":"x"},{"from":"a","to":"b","relationType":"y"}]}',
      '{"r":[]}',
      '{"r":[{"from":"a","to":"b","relationType":"y"}]}',
    ],
    [
      "the first key that tells them apart",
      '{"r":[{"name":"a","path":1},{"name":"a","path":2}]}',
      '{"r":[{"name":"a","path":1,"o":0},{"name":"a","path":2}]}',
      '{"r":[{"name":"a","path":1},{"name":"a","path":2,"t":0}]}',
      '{"r":[{"name":"a","path":1,"o":0},{"name":"a","path":2,"t":0}]}',
    ],
    [
      "inside of one element",
      '{"r":[{"id":1,"s":{"a":1,"b":1}}]}',
      '{"r":[{"id":1,"s":{"a":2,"b":1}}]}',
      '{"r":[{"id":1,"s":{"a":3,"b":2}}]}',
      '{"r":[{"id":1,"s":{"a":3,"b":2}}]}',
      "/r/0/s/a edit/edit 1|2|3 theirs",
    ],
    [
      "moved by one side",
      '{"s":["b","a","c"]}',
      '{"s":["c","b","a"]}',
      '{"s":["b","a","c","x"]}',
      '{"s":["c","x","b","a"]}',
    ],
    [
      "moved by both",
      '{"s":["b","a","c"]}',
      '{"s":["c","b","a"]}',
      '{"s":["a","b","c"]}',
      '{"s":["c","b","a"]}',
      '/s sequence ["b","a","c"]|["c","b","a"]|["a","b","c"] ours',
    ],
    [
      "null is no identity",
      '{"r":[{"id":null}]}',
      '{"r":[{"id":null},{"id":1}]}',
      '{"r":[{"id":null},{"id":2}]}',
      '{"r":[{"id":null},{"id":2},{"id":1}]}',
    ],
  ]);
});

describe("lists whose elements cannot be told apart", () => {
  const list = (...items: readonly string[]): string => `{"l":[${items.map((item) => `{"${item}":0}`).join(",")}]}`;
  rows([
    ["insertions at two points", list("a", "b"), list("o", "a", "b"), list("a", "b", "t"), list("o", "a", "b", "t")],
    ["insertions at one point", list("a", "b"), list("a", "o", "b"), list("a", "t", "b"), list("a", "t", "o", "b")],
    ["the same insertion", list("a"), list("a", "x"), list("a", "x", "y"), list("a", "x", "y")],
    ["a removal and an insertion", list("a", "b", "c"), list("b", "c"), list("a", "b", "t", "c"), list("b", "t", "c")],
    ["changes that only touch", list("a", "b"), list("x", "b"), list("a", "y"), list("x", "y")],
    ["one edited what the other appended to", list("a"), list("x"), list("a", "n"), list("x", "n")],
    [
      "one replaced twice",
      list("a"),
      list("x"),
      list("y"),
      list("y"),
      '/l sequence [{"a":0}]|[{"x":0}]|[{"y":0}] theirs',
    ],
    [
      "one removed and edited",
      list("a", "b"),
      list("b"),
      list("x", "b"),
      list("x", "b"),
      '/l delete/edit [{"a":0}]|[]|[{"x":0}] theirs',
    ],
    ["repeated elements", list("a", "a"), list("a", "a", "a"), list("a", "a", "t"), list("a", "a", "t", "a")],
    ["lists in a list", '{"l":[[1],[2]]}', '{"l":[[1],[3],[2]]}', '{"l":[[1],[2],[4]]}', '{"l":[[1],[3],[2],[4]]}'],
  ]);
});

describe("values that only grow", () => {
  const clock = (ours: string, theirs: string, key = "updated_at"): readonly [string, string, string] =>
    ["0001-01-01T00:00:00Z", ours, theirs].map((text) => `{"s":{"${key}":"${text}"}}`) as [string, string, string];
  test.each([
    ["a later second", "2025-07-03T21:13:11Z", "2025-07-03T21:13:12Z", "theirs"],
    ["as texts the other way round", "2025-07-03T21:13:58.5Z", "2025-07-03T21:13:58Z", "ours"],
    ["a nanosecond", "2025-07-03T21:13:11.123456788Z", "2025-07-03T21:13:11.123456789Z", "theirs"],
    ["zones", "2025-07-03T22:13:11+02:00", "2025-07-03T21:13:11Z", "theirs"],
  ])("a clock: %s", (_, ours, theirs, later) => {
    for (const key of ["last_updated", "updatedAt", "modified", "Last-Modified"]) {
      const [base, one, two] = clock(ours, theirs, key);
      const merged = mergeTexts(base, one, two);
      expect(merged).toMatchObject({ text: { ours: one, theirs: two }[later], conflicts: [] });
    }
  });

  test("a clock that only one side set back is set back", () => {
    const [base, earlier] = clock("0000-01-01T00:00:00Z", "");
    expect(mergeTexts(`{"x":1,${base.slice(1)}`, `{"x":1,${earlier.slice(1)}`, `{"x":2,${base.slice(1)}`).text).toBe(
      `{"x":2,${earlier.slice(1)}`,
    );
  });

  test("other texts under such a key, and such texts under another key, are conflicts", () => {
    expect(mergeTexts(...clock("yesterday", "today")).conflicts).toHaveLength(1);
    expect(mergeTexts(...clock("2025-07-03T21:13:11Z", "2025-07-03T21:13:12Z", "born")).conflicts).toHaveLength(1);
  });

  test.each([
    ['{"version":"1.0.9"}', '{"version":"1.0.21"}', '{"version":"1.0.10"}', '{"version":"1.0.21"}', 0],
    ['{"version":"1.0.9"}', '{"version":"1.0.2"}', '{"version":"1.0.9","t":0}', '{"version":"1.0.2","t":0}', 0],
    ['{"version":"1.0.9"}', '{"version":"v2"}', '{"version":"v3"}', '{"version":"v3"}', 1],
    [
      '{"s":{"version":"1.0.9"}}',
      '{"s":{"version":"1.0.21"}}',
      '{"s":{"version":"1.0.10"}}',
      '{"s":{"version":"1.0.21"}}',
      1,
    ],
  ])("the version at the root: %s, %s, %s", (base, ours, theirs, result, conflicts) => {
    const merged = mergeTexts(base, ours, theirs);
    expect([merged.text, merged.conflicts.length]).toEqual([result, conflicts]);
  });
});

describe("who wins", () => {
  const at = (time: string, value: number): string => `{"last_updated":"${time}","a":${value}}`;
  const base = at("2025-01-01T00:00:00Z", 0);
  test.each([
    ["the later clock", at("2025-01-02T00:00:00Z", 1), at("2025-01-02T00:00:01Z", 2), "theirs"],
    ["the later clock, whatever the values", at("2025-01-02T00:00:01Z", 1), at("2025-01-02T00:00:00Z", 2), "ours"],
    ["the same instant: the larger value", at("2025-01-02T00:00:00Z", 1), at("2025-01-02T01:00:00+01:00", 2), "theirs"],
    ["one without a clock: the larger value", at("2025-01-02T00:00:00Z", 3), '{"a":2}', "ours"],
  ])("newest: %s", (_, ours, theirs, chosen) => {
    const { conflicts } = mergeTexts(base, ours, theirs);
    expect(conflicts.find(({ pointer }) => pointer === "/a")).toMatchObject({ chosen });
  });

  test("ours and theirs win whatever the clocks say", () => {
    const [ours, theirs] = [at("2025-01-02T00:00:01Z", 1), at("2025-01-02T00:00:00Z", 2)];
    for (const policy of ["ours", "theirs"] as const)
      expect(mergeTexts(base, ours, theirs, { policy }).conflicts).toMatchObject([{ pointer: "/a", chosen: policy }]);
  });
});

describe("settings", () => {
  const [base, ours, theirs] = ['{"r":[{"k":1}]}', '{"r":[{"k":1,"o":0}]}', '{"r":[{"k":1,"t":0}]}'];
  const both = '{"r":[{"k":1,"o":0,"t":0}]}';

  test("identity keys of one's own, everywhere or at one place", () => {
    expect(mergeTexts(base, ours, theirs).conflicts).toHaveLength(1);
    for (const options of [{ identityKeys: ["k"] }, { identityAt: { "/r": ["k"] } }, { identityAt: { "/*": ["k"] } }])
      expect(mergeTexts(base, ours, theirs, options)).toMatchObject({ conflicts: [], text: both });
    for (const identityAt of [{ "/q": ["k"] }, { "/r/*": ["k"] }, { "/r": [] }])
      expect(mergeTexts(base, ours, theirs, { identityAt }).conflicts).toHaveLength(1);
  });

  test("clock fields of one's own", () => {
    const [a, b] = ['{"t":"2025-01-01T00:00:01Z","a":1}', '{"t":"2025-01-01T00:00:00Z","a":2}'];
    const { conflicts } = mergeTexts('{"a":0}', a, b, { clockFields: ["t"] });
    expect(conflicts.map(({ chosen }) => chosen)).toEqual(["ours", "ours"]);
  });
});
