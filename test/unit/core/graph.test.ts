import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkGraph, type Graph, sameMeaning, type ValidateMode } from "../../../src/core/graph.ts";
import { smallGraph, smallGraphText } from "./small-graph.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const check = (text: string, mode: ValidateMode = "auto") => checkGraph(bytes(text), mode);
const graph = (value: unknown, mode: ValidateMode = "auto"): Graph => {
  const checked = check(typeof value === "string" ? value : JSON.stringify(value), mode);
  if (checked.kind !== "valid") throw new Error(checked.why);
  return checked.graph;
};

const names = ({ root }: Graph): readonly string[] => (root.kind === "object" ? [...root.entries.keys()] : []);

describe("a graph that the app loads", () => {
  test("is valid, its facts are counted, and its clock is known", () => {
    expect(graph(smallGraphText).leaves).toBe(10);
    expect(graph(smallGraphText).clockFields).toEqual(["last_updated"]);
    expect(names(graph(smallGraphText))).toEqual(Object.keys(smallGraph));
  });

  test("may have nothing in any section: Go writes an empty one as null", () => {
    for (const name of Object.keys(smallGraph))
      expect(check(JSON.stringify({ ...smallGraph, [name]: null })).kind).toBe("valid");
  });

  test("may have white space around it and any Unicode in it", () => {
    expect(check(`\n ${smallGraphText}\n`).kind).toBe("valid");
    expect(check(JSON.stringify({ ...smallGraph, nexus: { "\u{1f600}é": "\u2028\ufeff" } })).kind).toBe("valid");
  });
});

describe("what would make the app start empty", () => {
  test("an empty file is torn", () => expect(check("")).toEqual({ kind: "torn", why: "it is empty" }));

  test("a file cut at any byte is torn", () => {
    const whole = bytes(JSON.stringify({ ...smallGraph, nexus: { é: "\u{1f600}" } }, undefined, 2));
    expect(checkGraph(whole, "auto").kind).toBe("valid");
    for (let at = 0; at < whole.length; at++)
      for (const mode of ["auto", "json", "amadeus"] as const)
        expect({ at, kind: checkGraph(whole.subarray(0, at), mode).kind }).toEqual({ at, kind: "torn" });
  });

  test("a longer text under a shorter one, as two saves at once leave it, is torn", () =>
    expect(check(`${smallGraphText}}}`)).toMatchObject({
      kind: "torn",
      why: `it is not JSON: text after the end of the document (at character ${smallGraphText.length})`,
    }));

  test("zeros, as a crash of the machine leaves them, are torn", () =>
    expect(checkGraph(new Uint8Array(100), "auto").kind).toBe("torn"));

  test("a byte order mark is invalid, and only a whole one at the start is one", () => {
    expect(check(`\ufeff${smallGraphText}`)).toEqual({ kind: "invalid", why: "it starts with a byte order mark" });
    expect(check(`\ufeff`)).toEqual({ kind: "invalid", why: "it starts with a byte order mark" });
    for (const start of [
      [0xef],
      [0xef, 0xbb],
      [0xbb, 0xbf],
      [0xef, 0xbb, 0xbe],
      [0xef, 0x7b, 0xbf],
      [0x20, 0xbb, 0xbf],
      [0xff, 0xfe],
    ])
      expect(checkGraph(Uint8Array.from([...start, ...bytes(smallGraphText)]), "auto").kind).toBe("torn");
  });

  test("bytes that are not UTF-8 are torn", () => {
    for (const bad of [[0x80], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]])
      expect(checkGraph(Uint8Array.from([0x7b, 0x22, ...bad, 0x22, 0x3a, 0x31, 0x7d]), "json")).toEqual({
        kind: "torn",
        why: "it is not UTF-8",
      });
  });

  test.each(["null", "[]", "[{}]", '"{}"', "1", "true"])("a document that is %s is invalid", (text) => {
    for (const mode of ["auto", "json", "amadeus"] as const)
      expect(check(text, mode)).toEqual({ kind: "invalid", why: "it is not a JSON object" });
  });

  test("one wrong type is invalid, and named", () =>
    expect(check(JSON.stringify({ ...smallGraph, last_updated: "yesterday" }))).toEqual({
      kind: "invalid",
      why: "the app could not load it: /last_updated is not an RFC 3339 time",
    }));

  test("any bytes are judged, none end the process", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        expect(["torn", "invalid", "valid"]).toContain(checkGraph(any, "auto").kind);
      }),
    ));
});

describe("the rules to judge by", () => {
  const wrong = JSON.stringify({ ...smallGraph, version: 5 });
  const other = JSON.stringify({ version: 5, pages: {} });

  test("auto: the app's for a graph that looks like its own, any object else", () => {
    expect(check(wrong, "auto").kind).toBe("invalid");
    expect(check(other, "auto").kind).toBe("valid");
  });

  test("json: any object", () => {
    expect(check(wrong, "json").kind).toBe("valid");
    expect(graph(wrong, "json").clockFields).toEqual(["last_updated"]);
  });

  test("amadeus: the app's, whatever it looks like", () => {
    expect(check(wrong, "amadeus").kind).toBe("invalid");
    expect(check(other, "amadeus").kind).toBe("invalid");
    expect(check("{}", "amadeus").kind).toBe("valid");
  });

  test("a graph lacking one of the app's four marks is not known as its own", () => {
    for (const name of ["version", "last_updated", "services", "patterns"] as const) {
      const { [name]: _, ...rest } = { ...smallGraph, nexus: 5 };
      expect(check(JSON.stringify(rest), "auto").kind).toBe("valid");
    }
  });
});

describe("the same meaning", () => {
  const same = (a: unknown, b: unknown, mode: ValidateMode = "auto"): boolean =>
    sameMeaning(graph(a, mode), graph(b, mode));

  test("is not changed by the clock, however long it is", () => {
    for (const mode of ["auto", "json"] as const) {
      expect(same(smallGraph, { ...smallGraph, last_updated: "2026-11-24T06:00:00.5Z" }, mode)).toBe(true);
      expect(same(smallGraph, { ...smallGraph, last_updated: null }, mode)).toBe(true);
      const { last_updated: _, ...clockless } = smallGraph;
      expect(same(smallGraph, clockless, "json")).toBe(true);
    }
  });

  test("is not changed by order, white space, escapes or the spelling of numbers", () => {
    const turned = Object.fromEntries(Object.entries(smallGraph).reverse());
    expect(same(smallGraph, JSON.stringify(turned, undefined, 2))).toBe(true);
    expect(same('{"a":"<","n":1}', '{"a":"\\u003c","n":1.0}')).toBe(true);
  });

  test("is changed by anything else, the version and an inner clock included", () => {
    for (const change of [
      { version: "1.0.1" },
      { nexus: { last_updated: "2025-01-01T00:00:00Z" } },
      { services: {} },
      { note: null },
    ])
      expect(same(smallGraph, { ...smallGraph, ...change })).toBe(false);
    const inner = (at: string): unknown => ({ a: { last_updated: at } });
    expect(same(inner("1"), inner("2"))).toBe(false);
  });

  test("is changed by a change of the same size", () => {
    const changed = smallGraphText.replace('"core"', '"cors"');
    expect(changed.length).toBe(smallGraphText.length);
    expect(changed).not.toBe(smallGraphText);
    expect(same(smallGraphText, changed)).toBe(false);
  });

  test("leaves both graphs as they were", () => {
    const one = graph(smallGraphText);
    sameMeaning(one, graph(smallGraphText));
    expect(names(one)).toContain("last_updated");
  });
});
