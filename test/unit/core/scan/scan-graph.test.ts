import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGraph, type ValidateMode } from "../../../../src/core/graph.ts";
import { parseJson } from "../../../../src/core/json/parse.ts";
import { createGraphScan, type ScannedCheck } from "../../../../src/core/scan/scan-graph.ts";
import { sampleGraphBytes } from "../../../support/sample-graph.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** In pieces of the given sizes, over and over, as a reader with a buffer would feed it. */
const scanned = (bytes: Uint8Array, sizes: readonly number[], mode: ValidateMode = "auto"): ScannedCheck => {
  const scan = createGraphScan(mode);
  let kept: Uint8Array = new Uint8Array(0);
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const size = sizes[n % sizes.length] ?? 1;
    const piece = Buffer.concat([kept, bytes.subarray(at, at + size)]);
    at += size;
    kept = piece.subarray(scan.feed(piece));
  }
  return scan.end(kept.length);
};

/** What both ways of looking must agree on. */
const gist = (check: ReturnType<typeof checkGraph> | ScannedCheck): unknown =>
  check.kind === "valid" ? [check.graph.leaves, check.graph.clockFields, check.graph.app] : check.kind;

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
/** Like what the app's rules are about, and close to breaking them. */
const member = fc.constantFrom(
  "name",
  "Name",
  "category",
  "dependencies",
  "metadata",
  "dependencie\u017f",
  "\\u006eame",
  "x",
);
const leaf = fc.oneof(
  fc.constantFrom(
    '"text"',
    '"\\u00e9\\n"',
    '"é🧠"',
    "1e999",
    "-0.5e-3",
    "12",
    "true",
    "null",
    '"2026-01-01T00:00:00Z"',
  ),
  fc.json({ maxDepth: 2 }),
);
const record = fc
  .array(fc.tuple(member, fc.oneof(leaf, fc.constantFrom("[]", '["a", null]', "[1]", '{"a": {"b": 1}}'))), {
    maxLength: 4,
  })
  .map((members) => `{${members.map(([name, value]) => `"${name}" : ${value}`).join(",\n ")}}`);
const root = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom("version", "last_updated", "services", "patterns", "nexus", "Services", "other", "__proto__"),
    fc.oneof(
      leaf,
      record,
      record.map((one) => `{"one": ${one}, "two": null}`),
    ),
  ),
  { selector: ([name]) => name, maxLength: 8 },
);
const document = root.map((members) => `{${members.map(([name, value]) => `"${name}":${value}`).join(", ")}}`);

describe("a scanned graph", () => {
  test("is judged as one that is whole in memory, however it is cut", () => {
    fc.assert(
      fc.property(document, sizes, fc.constantFrom<ValidateMode>("auto", "json", "amadeus"), (text, pieces, mode) => {
        fc.pre(!hasTwice(text));
        expect(gist(scanned(encode(text), pieces, mode))).toEqual(gist(checkGraph(encode(text), mode)));
      }),
      { numRuns: 2_000 },
    );
  });

  test("is torn or not as by the strict parser, with any byte changed or cut off", () => {
    const bytes = sampleGraphBytes({ seed: 3, bytes: 3_000 });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(127), fc.boolean(), sizes, (at, byte, cut, pieces) => {
        const changed = cut ? bytes.slice(0, at) : bytes.slice();
        fc.pre(changed.length > 0 && (bytes[at] ?? 0) < 128);
        if (!cut) changed[at] = byte;
        expect(gist(scanned(changed, pieces))).toEqual(gist(checkGraph(changed, "auto")));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    "",
    " ",
    "[]",
    "1 ",
    '"a"',
    "{",
    "{}",
    "{} x",
    '{"a":1,}',
    "[1,]",
    '{"a" 1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":+1}',
    '{"a":-}',
    '{"a":1e}',
    '{"a":tru}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":"\t"}',
    '{"a":]}',
    `{"a":${"[".repeat(1000)}${"]".repeat(1000)}}`,
    `{"a":${"[".repeat(999)}${"]".repeat(999)}}`,
    `{"a":${"[".repeat(999)}1${"]".repeat(999)}}`,
    `{"a":${"[".repeat(1001)}${"]".repeat(1001)}}`,
    "\ufeff{}",
  ])("%j", (text) => {
    const whole = checkGraph(encode(text), "auto").kind;
    expect(scanned(encode(text), [1]).kind).toBe(whole);
    expect(scanned(encode(text), [1_000_000]).kind).toBe(whole);
  });

  test("strings longer than any buffer go by", () => {
    const long = "é\\n🧠".repeat(60_000);
    const text = `{"version":"1","last_updated":"2026-01-01T00:00:00Z","services":{},"patterns":{"${long}":{"name":"${long}"}}}`;
    expect(scanned(encode(text), [7_001])).toMatchObject({ kind: "valid", graph: { leaves: 3, app: "amadeus" } });
    expect(scanned(encode(text.replace('"}}}', '\u0001"}}}')), [7_001]).kind).toBe("torn");
  });

  test("knows where its clock stands", () => {
    const text = '{"a": {"last_updated": 1}, "last_updated" : "2026-01-01T00:00:00Z" , "b": 2}';
    const check = scanned(encode(text), [3]);
    if (check.kind !== "valid") throw new Error(check.why);
    expect(check.graph.clocks.map(({ start, end }) => text.slice(start, end))).toEqual(['"2026-01-01T00:00:00Z"']);
  });
});

/** Members that occur twice: the scan takes both for there, on purpose. */
const hasTwice = (text: string): boolean => {
  const parsed = parseJson(text);
  return parsed.ok && parsed.duplicates.length > 0;
};
