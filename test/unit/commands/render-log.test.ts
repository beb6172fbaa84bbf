import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../../../src/app/list-history.ts";
import { renderLog, renderLogJson } from "../../../src/commands/render-log.ts";
import { useColour } from "../../../src/commands/use-colour.ts";

const entry = (more: Partial<HistoryEntry>): HistoryEntry => ({
  kind: "version",
  name: "0123456789abcdef",
  size: 54_321,
  time: 1_759_452_018_370,
  writer: undefined,
  files: 1,
  resolved: false,
  ...more,
});

const ENTRIES = [
  entry({ kind: "graph", writer: "pod-1", size: 999 }),
  entry({}),
  entry({ kind: "backup", name: "20250101\u001b[2J", files: 3, size: 12_345_678 }),
  entry({ kind: "conflict", name: "a-pod-2", writer: "pod-2", resolved: true, size: 0 }),
];

const plain = useColour({}, false);

describe("the log", () => {
  it("is a table that a person can read and a terminal cannot obey", () => {
    expect(renderLog("b", { entries: ENTRIES, total: 4 }, plain)).toBe(
      [
        "TIME                  KIND      NAME                             SIZE  WRITER",
        "2025-10-03T00:40:18Z  graph     0123456789abcdef                999 B  pod-1",
        "2025-10-03T00:40:18Z  version   0123456789abcdef             53.0 KiB  -",
        "2025-10-03T00:40:18Z  backup    20250101\\u001b[2J (3 files)  11.8 MiB  -",
        "2025-10-03T00:40:18Z  conflict  a-pod-2 (resolved)                0 B  pod-2",
        "",
      ].join("\n"),
    );
    expect(renderLog("b", { entries: ENTRIES.slice(0, 1), total: 4 }, plain)).toMatch(/\nand 3 more: .*--all\n$/);
    expect(renderLog("file:///b", { entries: [], total: 0 }, plain)).toBe("file:///b is empty\n");
  });

  it("is JSON for programs", () => {
    const shown = JSON.parse(renderLogJson("b", { entries: ENTRIES, total: 9 }));
    expect(shown).toMatchObject({ bucket: "b", total: 9 });
    expect(shown.entries[0]).toEqual({
      kind: "graph",
      name: "0123456789abcdef",
      time: "2025-10-03T00:40:18.370Z",
      size: 999,
      writer: "pod-1",
    });
    expect(shown.entries[1].writer).toBeNull();
    expect([shown.entries[2].files, shown.entries[3].resolved]).toEqual([3, true]);
  });
});

describe("colour", () => {
  it("is for terminals that want it", () => {
    expect(useColour({}, true).added("x")).toBe("\u001b[32mx\u001b[0m");
    expect(useColour({ NO_COLOR: "" }, true).bold("x")).toBe("\u001b[1mx\u001b[0m");
    for (const [env, tty] of [
      [{}, false],
      [{ NO_COLOR: "1" }, true],
      [{ TERM: "dumb" }, true],
    ] as const)
      expect(useColour(env, tty).removed("x")).toBe("x");
  });
});
