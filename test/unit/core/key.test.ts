import { join, resolve, sep } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { key, keyProblem, parseKey } from "../../../src/core/key.ts";

const part = (bytes: number): string => "a".repeat(bytes);

describe("a hostile name is refused with its reason", () => {
  test.each([
    ["", "is empty"],
    ["/", "is absolute"],
    ["/etc/passwd", "is absolute"],
    ["//host/share", "is absolute"],
    ["..", "has a `.` or `..` part"],
    ["../up", "has a `.` or `..` part"],
    ["a/../../up", "has a `.` or `..` part"],
    ["a/..", "has a `.` or `..` part"],
    [".", "has a `.` or `..` part"],
    ["./a", "has a `.` or `..` part"],
    ["a/./b", "has a `.` or `..` part"],
    ["a//b", "has an empty part"],
    ["a/", "has an empty part"],
    ["a\\b", "contains a backslash"],
    ["..\\up", "contains a backslash"],
    ["a\0", "contains a control character"],
    ["a\0/../b", "contains a control character"],
    ["a\nb", "contains a control character"],
    ["\u001b[2J", "contains a control character"],
    ["a\u001f", "contains a control character"],
    ["a\u007f", "contains a control character"],
    [`${part(255)}/${part(255)}/${part(255)}/${part(255)}/b`, "is longer than 1024 bytes"],
    [`${"é".repeat(512)}a`, "is longer than 1024 bytes"],
    [part(256), "has a part longer than 255 bytes"],
    [`a/${part(256)}/b`, "has a part longer than 255 bytes"],
    ["é".repeat(128), "has a part longer than 255 bytes"],
  ])("%j %s", (name, problem) => {
    expect(keyProblem(name)).toBe(problem);
    expect(parseKey(name)).toBeUndefined();
    expect(() => key(name)).toThrow(new RangeError(`not a key: ${JSON.stringify(name)}`));
  });
});

describe("an ordinary name is taken as it is", () => {
  test.each([
    ["knowledge_graph.json"],
    ["backups/20250513103104/src/a b.txt"],
    [".kgsync/versions/0123456789abcdef.json"],
    ["..."],
    ["..a/b..c/.d"],
    ["a b~!@#$%^&*()+=[]{};:',<>?|\"`"],
    ["\u0080\u{1f600}日本"],
    [part(255)],
    [`${"é".repeat(127)}a`],
    [`${part(255)}/${part(255)}/${part(255)}/${part(255)}/`.slice(0, 1023)],
    [`${part(255)}/${part(255)}/${part(255)}/${part(255)}a`.slice(0, 1023)],
    ["__proto__"],
  ])("%s", (name) => {
    expect(keyProblem(name)).toBeUndefined();
    expect(parseKey(name)).toBe(name);
    expect(key(name)).toBe(name);
  });

  test("at just 1024 bytes", () => {
    const name = [part(255), part(255), part(255), part(254), "b"].join("/");
    expect(new TextEncoder().encode(name).length).toBe(1024);
    expect(parseKey(name)).toBe(name);
    expect(parseKey(`${name}b`)).toBeUndefined();
  });

  test("or built of parts, which may have parts", () => {
    expect(key("conflicts", "a.json")).toBe("conflicts/a.json");
    expect(key("a/b", "c")).toBe("a/b/c");
    expect(() => key("a", "")).toThrow(RangeError);
    expect(() => key("a", "..", "b")).toThrow('not a key: "a/../b"');
    expect(() => key()).toThrow(RangeError);
  });
});

const hostile = fc
  .array(
    fc.constantFrom("..", ".", "/", "\\", "a", "\0", "~", "%2e", " ", "é", "-", ":", "\n", "$HOME", "...", "\u2025"),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

test("a name that is taken never leaves the folder that it is joined to", () =>
  fc.assert(
    fc.property(
      fc.oneof(hostile, fc.string({ unit: "binary" })),
      fc.constantFrom("/data", "/", "/a/../b"),
      (name, folder) => {
        const taken = parseKey(name);
        if (taken === undefined) return;
        const inside = resolve(folder).endsWith(sep) ? resolve(folder) : resolve(folder) + sep;
        expect(resolve(folder, taken).startsWith(inside)).toBe(true);
        expect(resolve(folder, taken).length).toBeGreaterThan(inside.length);
        expect(join(folder, taken)).toBe(resolve(folder, taken)); // no part was taken away
      },
    ),
    { numRuns: 1000 },
  ));
