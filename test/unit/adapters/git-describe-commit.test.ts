import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeCommit, type Step } from "../../../src/adapters/git-object-store/describe-commit.ts";

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const changed = (before: unknown, after: unknown, key = "knowledge_graph.json"): Step => ({
  key,
  kind: "changed",
  before: bytes(before),
  after: bytes(after),
});

const service = (name: string, tags: readonly string[] = []) => ({ name, tags });
const BEFORE = { last_updated: "2026-01-01T00:00:00Z", services: { a: service("a"), b: service("b") }, patterns: {} };

const subjectOf = (...steps: readonly Step[]): string | undefined => describeCommit(steps, new Map()).split("\n")[0];

describe("the subject of a commit", () => {
  const services = (names: Record<string, unknown>) => ({ ...BEFORE, services: names });

  it.each([
    ["2 services added", services({ ...BEFORE.services, c: service("c"), d: service("d") })],
    ["1 service removed", services({ a: service("a") })],
    ["1 service changed", services({ ...BEFORE.services, b: service("b", ["new"]) })],
    ["1 service added, 1 service removed", services({ a: service("a"), c: service("c") })],
    ["patterns removed", { last_updated: BEFORE.last_updated, services: BEFORE.services }],
    ["1 service added, 1 pattern added", { ...services({ ...BEFORE.services, c: {} }), patterns: { p: {} } }],
    ["knowledge_graph.json written anew", { ...BEFORE, last_updated: "2026-01-02T00:00:00Z" }],
  ])("%s", (words, after) => {
    expect(subjectOf(changed(BEFORE, after))).toBe(`kgsync: ${words}`);
  });

  it("counts what has no meaning of its own by its folder", () => {
    const added = (key: string): Step => ({ key, kind: "added" });
    expect(subjectOf(added("backups/1.json"), added("backups/2.json"))).toBe("kgsync: 2 backups added");
    expect(subjectOf({ key: ".kgsync/versions/0123.json", kind: "removed" })).toBe("kgsync: 1 old version removed");
    expect(subjectOf(added(".kgsync/conflicts/x.json"), added("memory.jsonl"))).toBe(
      "kgsync: memory.jsonl added; 1 conflict added",
    );
    const grown = changed(BEFORE, services({ ...BEFORE.services, c: {} }));
    expect(subjectOf(grown, added(".kgsync/versions/0123.json"))).toBe("kgsync: 1 service added");
  });

  it("of a document that is no JSON says that it changed", () => {
    const step = { key: "notes.json", kind: "changed", before: new Uint8Array([0xff]), after: bytes({}) } as const;
    expect(subjectOf(step)).toBe("kgsync: notes.json changed");
  });
});

describe("the message", () => {
  it("names what came and went, and ends with the trailers", () => {
    const after = { ...BEFORE, services: { b: service("b", ["new"]), c: service("c") } };
    expect(describeCommit([changed(BEFORE, after)], new Map([["Kgsync-Writer", "pod-1"]]))).toBe(
      [
        "kgsync: 1 service added, 1 service removed, 1 service changed",
        "",
        "~ knowledge_graph.json",
        "  ~ services: b",
        "  + services: c",
        "  - services: a",
        "",
        "Kgsync-Writer: pod-1",
        "",
      ].join("\n"),
    );
  });

  it("has a limit, and only its own lines, whatever the names are", () => {
    const name = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(fc.array(name, { maxLength: 200 }), name, (names, section) => {
        const after = { [section]: Object.fromEntries(names.map((each) => [each, { a: 1 }])) };
        const message = describeCommit([changed({ [section]: {} }, after)], new Map([["Kgsync-Writer", "w"]]));
        const lines = message.split("\n");
        expect(lines[0]?.length).toBeLessThanOrEqual(72);
        expect(lines.length).toBeLessThanOrEqual(68);
        for (const line of lines.slice(2, -3)) expect(line).toMatch(/^(?:[~+-] | {2}[~+-] |… and \d+ more$|$)/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
        expect(message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
      }),
    );
  });
});
