import { expect, test } from "vitest";
import { emptyGraph, encodeGraph, type Graph, parseGraph } from "../../../scripts/go-graph.ts";
import { sampleGraph, sampleGraphBytes } from "../../support/sample-graph.ts";

const at = "2025-07-03T21:06:58.691609Z";

test("an empty graph is what the real app writes after it failed to load", () => {
  const text = encodeGraph(emptyGraph(at));
  expect(text.length).toBe(263);
  expect(text).toBe(
    `{\n  "version": "1.0.0",\n  "last_updated": "${at}",\n  "system_components": {},\n  "repository_structure": {},\n  "services": {},\n  "nexus": {},\n  "patterns": {},\n  "database_practices": {},\n  "redis_practices": {},\n  "amadeus_integration": {}\n}`,
  );
});

// json.Marshal of Go 1.24, read in encoding/json: encode.go, tables.go
const rows: readonly (readonly [Graph["nexus"], string])[] = [
  [{ b: 1, a: 2 }, '{\n    "a": 2,\n    "b": 1\n  }'],
  [{ "\u{1f9e0}": 1, "\uffee": 2 }, '{\n    "\uffee": 2,\n    "\u{1f9e0}": 1\n  }'],
  [{ a: "<b>&\u2028é\u0001\t/" }, '{\n    "a": "\\u003cb\\u003e\\u0026\\u2028é\\u0001\\t/"\n  }'],
  [{ a: "\ud800" }, '{\n    "a": "\ufffd"\n  }'],
  [{ a: [] }, '{\n    "a": []\n  }'],
  [
    { a: [1e21, 1e-7, 0.1, -0, 100000, true, null] },
    '{\n    "a": [\n      1e+21,\n      1e-7,\n      0.1,\n      -0,\n      100000,\n      true,\n      null\n    ]\n  }',
  ],
  [null, "null"],
];

test.each(rows)("a section %j is encoded as Go does", (section, text) => {
  expect(encodeGraph({ ...emptyGraph(at), nexus: section })).toContain(`\n  "nexus": ${text},\n`);
});

test("what Go leaves out is left out, and a service's fields have Go's order", () => {
  const text = encodeGraph({
    ...emptyGraph(at),
    services: { x: { metadata: { a: 1 }, dependencies: [], category: "c", name: "n" } },
  });
  expect(text).toContain(
    '"services": {\n    "x": {\n      "name": "n",\n      "category": "c",\n      "metadata": {\n        "a": 1\n      }\n    }\n  }',
  );
});

test("unknown fields vanish, and one wrong type refuses the whole", () => {
  const read = (more: object) => parseGraph(JSON.stringify({ ...emptyGraph(at), ...more }));
  expect(read({ note: 1 })).not.toHaveProperty("note");
  expect(() => read({ nexus: [] })).toThrow();
  expect(() => read({ services: { a: { name: "a", category: "c", dependencies: [1] } } })).toThrow();
  expect(() => read({ last_updated: "yesterday" })).toThrow();
});

test("sample graphs: equal seeds are equal, the size is about what was asked, and the app rewrites them unchanged", () => {
  expect(sampleGraphBytes({ seed: 7 })).toEqual(sampleGraphBytes({ seed: 7 }));
  expect(sampleGraphBytes({ seed: 7 })).not.toEqual(sampleGraphBytes({ seed: 8 }));
  for (const bytes of [5_000, 54_000, 500_000]) {
    const text = new TextDecoder().decode(sampleGraphBytes({ bytes }));
    expect(Math.abs(text.length - bytes)).toBeLessThan(3000);
    expect(encodeGraph(parseGraph(text))).toBe(text);
  }
  expect(sampleGraph()).toMatchObject({ redis_practices: null, version: "1.0.21" });
});
