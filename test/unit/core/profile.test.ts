import { describe, expect, test } from "vitest";
import { parseJson } from "../../../src/core/json/parse.ts";
import { looksLike, profileProblem } from "../../../src/core/profile.ts";
import { amadeus } from "../../../src/core/profiles/amadeus.ts";
import { smallGraph } from "./small-graph.ts";

/** What the app would stumble over, in JSON text. */
const problem = (text: string): string | undefined => {
  const parsed = parseJson(text);
  if (!parsed.ok || parsed.root.kind !== "object") throw new Error(`not an object: ${text}`);
  return profileProblem(amadeus, parsed.root);
};

const SECTIONS = ["system_components", "repository_structure", "nexus", "database_practices", "redis_practices"].concat(
  "amadeus_integration",
);
const MAPS = ["services", "patterns"];

const TYPES = { text: '"x"', number: "1", truth: "true", list: "[]", object: "{}" } as const;
/** Each type of JSON but the ones that fit. */
const wrong = (...fitting: readonly (keyof typeof TYPES)[]): readonly string[] =>
  Object.entries(TYPES).flatMap(([name, text]) => ((fitting as readonly string[]).includes(name) ? [] : [text]));

// What fails here was seen to fail in Go 1.26's encoding/json with the app's types.
describe("one wrong type anywhere is found, and named by its place", () => {
  test("the version is a text", () => {
    for (const text of wrong("text")) expect(problem(`{"version":${text}}`)).toBe("/version is not a text");
    expect(problem('{"version":""}')).toBeUndefined();
  });

  test("the clock is a time", () => {
    for (const text of wrong())
      expect(problem(`{"last_updated":${text}}`)).toBe("/last_updated is not an RFC 3339 time");
    expect(problem('{"last_updated":"2025-01-01T00:00:00Z"}')).toBeUndefined();
  });

  test("the clock has no escapes: Go reads it as it stands", () =>
    expect(problem('{"last_updated":"2025-01-01T00:00:00\\u005a"}')).toBe("/last_updated is not an RFC 3339 time"));

  test.each(SECTIONS)("%s is an object of anything that Go can hold", (name) => {
    for (const text of [
      ...wrong("object"),
      '{"a":[{"b":-1e999}]}',
      '{"a":[1,1e400]}',
      '{"a":1,"b":1e400}',
      '{"x":1e400}',
    ])
      expect(problem(`{"${name}":${text}}`)).toBe(`/${name} is not an object of finite numbers`);
    for (const text of ["{}", "null", '{"a":{"b":[1,"x",null,true,1.7e308,-1.7e308,1e-400]}}'])
      expect(problem(`{"${name}":${text}}`)).toBeUndefined();
  });

  test.each(MAPS)("%s is a map of records", (name) => {
    for (const text of wrong("object")) {
      expect(problem(`{"${name}":${text}}`)).toBe(`/${name} is not an object`);
      expect(problem(`{"${name}":{"ok":{},"bad":${text}}}`)).toBe(`/${name}/bad is not an object`);
    }
    expect(problem(`{"${name}":{"a":null,"b":{},"c":{"more":1e400}}}`)).toBeUndefined();
  });

  test.each(MAPS)("each record of %s has typed members", (name) => {
    const at = (member: string, text: string): string | undefined =>
      problem(`{"${name}":{"ok":{"name":"x"},"s":{"${member}":${text}}}}`);
    const told = (member: string, what: string): string => `/${name}/s/${member} is not ${what}`;
    for (const member of ["name", "category"]) {
      for (const text of wrong("text")) expect(at(member, text)).toBe(told(member, "a text"));
      expect(at(member, "null")).toBeUndefined();
    }
    for (const text of [...wrong("list"), "[1]", '["a",{}]', "[[]]", "[true]"])
      expect(at("dependencies", text)).toBe(told("dependencies", "a list of texts"));
    for (const text of ["[]", '["a"]', '["a",null]', "null"]) expect(at("dependencies", text)).toBeUndefined();
    for (const text of [...wrong("object"), '{"x":-1e999}'])
      expect(at("metadata", text)).toBe(told("metadata", "an object of finite numbers"));
    expect(at("metadata", '{"x":[1]}')).toBeUndefined();
  });

  test("the first wrong one of several is named", () =>
    expect(problem('{"nexus":{},"services":{"a":{"category":1},"b":1},"version":1}')).toBe(
      "/services/a/category is not a text",
    ));
});

describe("names", () => {
  test("are taken in any letter case, as Go takes them", () => {
    expect(problem('{"VERSION":1}')).toBe("/VERSION is not a text");
    expect(problem('{"version":"x","Version":1}')).toBe("/Version is not a text");
    expect(problem('{"ver\u017fion":1}')).toBe("/ver\u017fion is not a text");
    expect(problem('{"\u017fervice\u017f":1}')).toBe("/\u017fervice\u017f is not an object");
    expect(problem('{"services":{"a":{"NAME":1}}}')).toBe("/services/a/NAME is not a text");
  });

  test("that the app does not know may hold anything, those of every object included", () => {
    expect(problem('{"note":1e400,"toString":1,"__proto__":2,"constructor":[],"version2":3}')).toBeUndefined();
    expect(problem('{"services":{"version":{"version":1}}}')).toBeUndefined();
  });
});

test("a graph is known by all of its marks, whatever they hold", () => {
  const looks = (value: unknown): boolean => {
    const parsed = parseJson(JSON.stringify(value));
    return parsed.ok && parsed.root.kind === "object" && looksLike(amadeus, parsed.root);
  };
  expect(looks(smallGraph)).toBe(true);
  expect(looks({ version: 1, last_updated: 2, services: 3, patterns: null })).toBe(true);
  for (const name of ["version", "last_updated", "services", "patterns"] as const) {
    const { [name]: _, ...rest } = smallGraph;
    expect(looks(rest)).toBe(false);
  }
  expect(amadeus.name).toBe("amadeus");
});
