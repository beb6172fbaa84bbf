import { describe, expect, it } from "vitest";
import { judge, pushedOf, type Save, uploadedOf } from "../../../scripts/read-ledger.ts";

// What finds losses has to find them: these are the ways in which it could look away.
const save = (at: number, what: Partial<Save> = {}): Save => ({ at, sha256: `sha${at}`, ...what });
const graphOf = (...names: readonly string[]): string =>
  JSON.stringify({ services: Object.fromEntries(names.map((name) => [name, {}])) });

describe("judge", () => {
  const life = { saves: [save(1, { add: "a" }), save(2, { add: "b" }), save(3, { add: "c" })], answered: 2 };

  it("finds every fact that was answered for and is nowhere, and none that was not answered for", () => {
    expect(judge([life], graphOf("a"), [])).toMatchObject({ facts: ["a", "b"], lost: ["b"], onlyInRecords: [] });
    expect(judge([life], "", [])).toMatchObject({ lost: ["a", "b"] });
    expect(judge([life], '{"services":{"a":', ['"b"'])).toMatchObject({ lost: ["a"], onlyInRecords: ["b"] });
  });

  it("takes no part of a name for the name", () => {
    expect(judge([{ saves: [save(1, { add: "t-1" })], answered: 1 }], graphOf("t-11"), ['"t-12"']).lost).toEqual([
      "t-1",
    ]);
  });

  it("misses nothing that somebody removed, and finds what came back", () => {
    const other = { saves: [save(4, { remove: "a" }), save(5, { remove: "b" })], answered: 1 };
    const cut = { saves: [save(4, { removing: "a" })], answered: 1 };
    for (const graph of [graphOf("a", "b"), graphOf("b")])
      expect(judge([life, cut], graph, [])).toMatchObject({ facts: ["b"], lost: [], back: [] });
    expect(judge([life, other], graphOf("a"), [])).toEqual({ facts: [], lost: [], onlyInRecords: [], back: ["a"] });
  });
});

describe("what a wrapper has answered for", () => {
  const saves = [save(1), save(2), save(3)];
  const line = (fields: object): string => `${JSON.stringify(fields)}\n`;

  it("kgsync: up to the last save that a push names, merged or not", () => {
    expect(pushedOf(saves, "")).toBe(0);
    expect(pushedOf(saves, `ready\n${line({ event: "push.stored", sha256: "sha1" })}`)).toBe(1);
    expect(pushedOf(saves, line({ event: "push.stored", sha256: "merged", local: "sha2" }))).toBe(2);
    expect(pushedOf(saves, line({ event: "push.retry", sha256: "sha3" }))).toBe(0);
    expect(pushedOf(saves, '{"event":"push.stored","sha256":"sha3"')).toBe(0);
  });

  it("the script: what was saved before its last finished upload began", () => {
    expect(uploadedOf(saves, "")).toBe(0);
    expect(uploadedOf(saves, "uploaded 2\nuploaded 3\nready\n")).toBe(2);
  });
});
