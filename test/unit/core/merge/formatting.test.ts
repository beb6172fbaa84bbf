import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeGraph } from "../../../../scripts/go-graph.ts";
import { sampleGraph } from "../../../support/sample-graph.ts";
import { goSpelling, keyedDocument, withClock } from "./documents.ts";
import { mergeTexts } from "./merge-texts.ts";

const lines = (...parts: readonly string[]): string => parts.join("\n");

describe("what is written anew", () => {
  const base = '{"last_updated":"2025-01-01T00:00:00Z","b":1,"a":1}';
  const later = '"last_updated": "2025-01-03T00:00:00Z"';
  const earlier = '"last_updated":"2025-01-02T00:00:00Z"';

  test.each([
    [
      "two spaces",
      `{\n  ${later},\n  "b": 2,\n  "a": 1\n}`,
      `{\n  ${later},\n  "b": 2,\n  "t": {\n    "x": [\n      1,\n      {}\n    ]\n  },\n  "a": 1\n}`,
    ],
    [
      "a tab and a final newline",
      `{\n\t${later},\n\t"b": 2,\n\t"a": 1\n}\n`,
      `{\n\t${later},\n\t"b": 2,\n\t"t": {\n\t\t"x": [\n\t\t\t1,\n\t\t\t{}\n\t\t]\n\t},\n\t"a": 1\n}\n`,
    ],
    [
      "CR LF",
      `{\r\n ${later},\r\n "b": 2,\r\n "a": 1\r\n}\r\n`,
      `{\r\n ${later},\r\n "b": 2,\r\n "t": {\r\n  "x": [\r\n   1,\r\n   {}\r\n  ]\r\n },\r\n "a": 1\r\n}\r\n`,
    ],
    [
      "one line",
      `{${later.replace(" ", "")},"b":2,"a":1}`,
      `{${later.replace(" ", "")},"b":2,"t":{"x": [1,{}]},"a":1}`,
    ],
    ["one line with spaces", `{ ${later}, "b": 2, "a": 1 }`, `{ ${later}, "b": 2, "t": {"x": [1, {}]}, "a": 1 }`],
  ])("takes the winner's style: %s", (_, ours, result) => {
    const theirs = `{${earlier},"b":1,"t":{"x": [1,{}]},"a":1}`;
    expect(mergeTexts(base, ours, theirs).text).toBe(result);
    expect(mergeTexts(base, theirs, ours).text).toBe(result);
  });

  test("keeps a container on its line, and odd white space where nothing was added", () => {
    const ours = lines("{", `  ${later},`, '  "b" :  2,', '  "s": ["x", "y"],', '  "a": [ 1,2 ]', "}");
    const theirs = lines("{", `  ${earlier},`, '  "b": 1,', '  "s": ["x", "z"],', '  "c": null,', '  "a": 1', "}");
    const merged = lines(
      "{",
      `  ${later},`,
      '  "b" :  2,',
      '  "s": ["x", "y", "z"],',
      '  "c": null,',
      '  "a": [ 1,2 ]',
      "}",
    );
    const { text } = mergeTexts(base, ours, theirs);
    // keys and colons are written alike within one object
    expect(text.replaceAll('" :  ', '": ')).toBe(merged.replaceAll('" :  ', '": '));
  });

  test("fills what was empty in the document's style", () => {
    const ours = lines("{", '  "o": {},', '  "z": 2', "}");
    const theirs = lines("{", '  "o": {', '    "a": 1', "  },", '  "z": 1', "}");
    expect(mergeTexts('{"o":{},"z":1}', ours, theirs).text).toBe(
      lines("{", '  "o": {', '    "a": 1', "  },", '  "z": 2', "}"),
    );
  });

  test("numbers and texts keep their spelling", () => {
    const { text } = mergeTexts("{}", '{"a":1.50,"b":"\\u003cb\\u003e \\/ é"}', '{"c":1E+400,"d":"\\u00e9","e":-0}');
    expect(text).toBe('{"a":1.50,"b":"\\u003cb\\u003e \\/ é","c":1E+400,"d":"\\u00e9","e":-0}');
  });
});

describe("the order of keys", () => {
  test.each([
    ["sorted stays sorted", '{"a":1,"z":1}', '{"a":1,"m":1,"z":1}', '{"a":1,"k":1,"z":1}', '{"a":1,"k":1,"m":1,"z":1}'],
    [
      "by bytes, as Go sorts",
      '{"\uffee":1,"𝒂":1}',
      '{"a":1,"\uffee":1,"𝒂":1}',
      '{"\uffee":1,"𝒂":1,"𝒃":1}',
      '{"a":1,"\uffee":1,"𝒂":1,"𝒃":1}',
    ],
    [
      "by UTF-16, as JavaScript sorts",
      '{"𝒂":1,"\uffee":1}',
      '{"a":1,"𝒂":1,"\uffee":1}',
      '{"𝒂":1,"𝒃":1,"\uffee":1}',
      '{"a":1,"𝒂":1,"𝒃":1,"\uffee":1}',
    ],
    [
      "an addition follows its predecessor",
      '{"z":1,"a":1}',
      '{"z":1,"o":1,"a":1}',
      '{"z":1,"a":1,"t":1}',
      '{"z":1,"o":1,"a":1,"t":1}',
    ],
    ["first of all", '{"z":1,"a":1}', '{"o":1,"z":1,"a":1}', '{"z":2,"a":1}', '{"o":1,"z":2,"a":1}'],
    [
      "ours moved keys",
      '{"b":1,"a":1,"c":1}',
      '{"c":1,"b":1,"a":2}',
      '{"b":1,"a":1,"c":1,"t":1}',
      '{"c":1,"t":1,"b":1,"a":2}',
    ],
    [
      "theirs moved keys",
      '{"b":1,"a":1,"c":1}',
      '{"b":1,"a":1,"c":1,"t":1}',
      '{"c":1,"b":1,"a":2}',
      '{"c":1,"t":1,"b":1,"a":2}',
    ],
    [
      "a key behind one that is gone",
      '{"z":1,"m":1,"a":1}',
      '{"z":1,"a":1}',
      '{"z":1,"m":1,"t":1,"a":1}',
      '{"z":1,"t":1,"a":1}',
    ],
  ])("%s", (_, base, ours, theirs, result) => expect(mergeTexts(base, ours, theirs).text).toBe(result));
});

describe("as the app itself would write it", () => {
  test("documents of one style stay in it, down to the byte", () =>
    fc.assert(
      fc.property(keyedDocument, keyedDocument, keyedDocument, (b, o, t) => {
        const text = (document: typeof b, time: string): string => goSpelling(withClock(document, time));
        const merged = mergeTexts(
          text(b, "2025-01-01T00:00:00Z"),
          text(o, "2025-01-02T00:00:00Z"),
          text(t, "2025-01-03T00:00:00Z"),
        );
        const spaces = merged.text.replaceAll(/\n *(?=[\]}])/g, "").length; // closing brackets stand on lines of their own
        const again = JSON.stringify(JSON.parse(merged.text), undefined, 2).replaceAll(
          /[<>&]/g,
          (c) => `\\u00${c.charCodeAt(0).toString(16)}`,
        );
        // JSON.parse moves keys that look like numbers; no byte is lost or added by that
        expect([...merged.text].sort().join("")).toBe([...again].sort().join(""));
        expect(spaces).toBe(again.replaceAll(/\n *(?=[\]}])/g, "").length);
      }),
      { numRuns: 500 },
    ));

  test("two graphs that got services each are what Go writes of all services", () => {
    const graph = sampleGraph({ bytes: 20_000 });
    const [added, other] = [sampleGraph({ seed: 7, bytes: 9_000 }), sampleGraph({ seed: 8, bytes: 9_000 })];
    const service = (from: typeof added, name: string) => ({
      [name]: Object.values(from.services ?? {})[0] ?? { name, category: "" },
    });
    const ours = {
      ...graph,
      last_updated: "2025-10-04T00:00:00.1Z",
      services: { ...graph.services, ...service(added, "aaa_ours") },
    };
    const theirs = {
      ...graph,
      last_updated: "2025-10-04T00:00:00.12Z",
      services: { ...graph.services, ...service(other, "zzz_theirs") },
    };
    const both = { ...theirs, services: { ...ours.services, ...theirs.services } };
    const merged = mergeTexts(encodeGraph(graph), encodeGraph(ours), encodeGraph(theirs));
    expect(merged).toMatchObject({ text: encodeGraph(both), conflicts: [] });
  });
});
