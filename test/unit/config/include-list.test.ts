import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";

const load = (include: string, more: Readonly<Record<string, string>> = {}) =>
  loadConfig({ KGSYNC_BUCKET: "s3://bucket/p", KGSYNC_INCLUDE: include, ...more }, {}, () => "").config.include;
const problem = (include: string, more: Readonly<Record<string, string>> = {}): string => {
  try {
    load(include, more);
    return "";
  } catch (thrown) {
    return String(thrown);
  }
};

describe("KGSYNC_INCLUDE", () => {
  test("names paths, and each has its own name in the bucket", () => {
    expect(load("memory.jsonl:merge-jsonl,./etc/a.json:merge-json,/data/files/:immutable-set,c:d.db:replace")).toEqual([
      { path: "memory.jsonl", name: "memory.jsonl", mode: "merge-jsonl" },
      { path: "./etc/a.json", name: "etc/a.json", mode: "merge-json" },
      { path: "/data/files", name: "data/files", mode: "immutable-set" },
      { path: "c:d.db", name: "c:d.db", mode: "replace" },
    ]);
  });

  test.each([
    ["a.json", "not path:mode"],
    ["a.json:merge", "not path:mode"],
    [":replace", "not path:mode"],
    ["a,b:replace", "not path:mode (a)"],
    ["../a:replace", "`.` or `..` part"],
    ["a/../b:replace", "`.` or `..` part"],
    ["a//b:replace", "empty part"],
    ["file/:replace", "empty part"],
    ["/:immutable-set", "is empty"],
    ["a:replace,a:merge-json", "names a twice"],
    ["a:replace,/a:replace", "names a twice"],
    ["a:immutable-set,a/b:replace", "a/b, which lies in a"],
    ["backups:immutable-set", "is taken (backups)"],
    ["backups/x:replace", "is taken"],
    [".kgsync/x:replace", "is taken"],
    ["knowledge_graph.json:replace", "is taken"],
  ])("refuses %s: %s", (text, why) => expect(problem(text)).toContain(why));

  test("refuses what lies in the graph's, the backups' or the state's place, all at once", () => {
    const text = problem("amadeus:immutable-set,s/x:replace,b/y:merge-json", {
      KGSYNC_BACKUPS: "b",
      KGSYNC_STATE_DIR: "s",
    });
    expect(text).toContain("KGSYNC_GRAPH lies in amadeus of KGSYNC_INCLUDE");
    expect(text).toContain("s/x of KGSYNC_INCLUDE lies in KGSYNC_STATE_DIR");
    expect(text).toContain("b/y of KGSYNC_INCLUDE lies in KGSYNC_BACKUPS");
  });

  test("may name the graph, which then is what it says, but no set", () => {
    expect(problem("m.db:replace", { KGSYNC_GRAPH: "m.db" })).toBe("");
    expect(problem("m.db:immutable-set", { KGSYNC_GRAPH: "m.db" })).toContain("no immutable-set");
  });
});
