import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupBackups, planVersionPrune } from "../../../src/core/plan-prune.ts";

const P = ".kgsync/versions/";
const version = (n: number, modified: number) => ({
  name: `${P}${n.toString(16).padStart(16, "0")}.json`,
  size: 1,
  modified,
});

describe("kept versions", () => {
  it("the newest stay, what is not ours is never named", () => {
    const foreign = [
      `${P}by-hand.json`,
      `${P}0123456789abcdef.json.bak`,
      `other/0123456789abcdef.json`,
      `${P}x/y.json`,
    ];
    const listed = [
      version(1, 10),
      version(2, 30),
      version(3, 20),
      ...foreign.map((name) => ({ name, size: 1, modified: 0 })),
    ];
    expect(planVersionPrune(listed, P, 1).map(({ modified }) => modified)).toEqual([20, 10]);
    expect(planVersionPrune(listed, P, 3)).toEqual([]);
  });

  it("whoever looks, in whatever order it was listed, chooses the same, and none that goes is newer than one that stays", () => {
    const times = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 14 }), fc.infiniteStream(fc.nat()), (stamps, keep, random) => {
        const listed = stamps.map((modified, n) => version(n, modified));
        const shuffled = listed
          .map((entry) => ({ entry, order: random.next().value ?? 0 }))
          .sort((a, b) => a.order - b.order)
          .map(({ entry }) => entry);
        const gone = planVersionPrune(shuffled, P, keep);
        expect(planVersionPrune(listed, P, keep)).toEqual(gone);
        expect(gone).toHaveLength(Math.max(0, listed.length - keep));
        const stay = listed.filter((entry) => !gone.includes(entry));
        for (const old of gone) for (const kept of stay) expect(old.modified).toBeLessThanOrEqual(kept.modified);
      }),
    );
  });
});

describe("backups", () => {
  const file = (name: string) => ({ name: `backups/${name}`, size: 1, modified: 0 });

  it("are grouped by the moment in the name, files, variants and folders alike; the newest first", () => {
    const listed = [
      "knowledge_graph_20251003_004018.json",
      "knowledge_graph_20251003_004018.json.1a2b3c4d",
      "20251003004018/backup_info.txt",
      "20251103004018/knowledge_graph.json",
      "20251103004018/src/20200101000000.json",
      "by-hand.json",
      "folder/20251003004018.json",
    ].map(file);
    expect(
      groupBackups(listed, "backups/").map(({ at, files }) => [at, files.map(({ name }) => name.slice(8))]),
    ).toEqual([
      ["20251103004018", ["20251103004018/knowledge_graph.json", "20251103004018/src/20200101000000.json"]],
      [
        "20251003004018",
        [
          "knowledge_graph_20251003_004018.json",
          "knowledge_graph_20251003_004018.json.1a2b3c4d",
          "20251003004018/backup_info.txt",
        ],
      ],
    ]);
  });
});
