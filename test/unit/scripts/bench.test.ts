import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestsText } from "../../../scripts/bench/count-requests.ts";
import { judge } from "../../../scripts/bench/judge.ts";
import type { Results, StartRow } from "../../../scripts/bench/results.ts";
import { inTurn, median, medianRatio, percentile } from "../../../scripts/bench/statistics.ts";
import { type Facts, factLines, fillBlock, markdownBlock, plainTable, type Row } from "../../../scripts/bench/table.ts";

describe("statistics", () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[10, 9, 1, 2], 5.5],
    [[], Number.NaN],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    [50, 5],
    [95, 10],
    [90, 9],
    [0, 1],
    [100, 10],
  ])("percentile %d of 1 to 10 is %d", (percent, expected) => {
    expect(percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent)).toBe(expected);
  });

  it("takes ratios within a round, so that a slow round says nothing", () => {
    expect(medianRatio([1, 100, 1], [2, 200, 2])).toBe(0.5);
    expect(medianRatio([1, 30, 3], [2, 10, 1])).toBe(3); // medians alone would say 1.5
  });

  it("takes every peer once a round, and lets each begin", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 6 }), (peers) => {
        const rounds = peers.map((_, round) => inTurn(peers, round));
        for (const round of rounds) expect([...round].sort()).toEqual([...peers].sort());
        expect(rounds.map(([first]) => first)).toEqual(peers);
      }),
    );
    expect(inTurn([], 3)).toEqual([]);
  });
});

it("names requests by kind, in one order", () => {
  expect(requestsText([{ kind: "LIST" }, { kind: "GET" }, { kind: "LIST" }])).toBe("1 GET, 2 LIST");
  expect(requestsText([])).toBe("");
});

const start = (row: string, peer: string, ratio: number, more = 0): StartRow => ({ row, peer, ms: 100, ratio, more });
const metBy = (results: Results): Readonly<Record<string, boolean | undefined>> =>
  Object.fromEntries(judge(results).map(({ work, beside, met }) => [`${work} | ${beside}`, met]));

describe("the judgement", () => {
  it("has no row for what was not measured", () => {
    expect(judge({})).toEqual([]);
  });

  it("is met up to the limit, and open where the peer is missing", () => {
    const found = metBy({
      start: [
        start("kgsync", "kgsync", 1),
        start("kgsync", "rclone", 1.2),
        start("kgsync, background", "rclone", 0.71),
        start("kgsync, background", "node", 5),
        start("kgsync, file://", "tini", 9, 121),
      ],
    });
    expect(found).toEqual({
      "start: graph of 54 KB, 100 backups | rclone": true,
      "start: graph of 54 KB, 100 backups | aws": undefined,
      "start, backups in the background | rclone": false,
      "start, backups in the background | aws": undefined,
      "start, backups in the background | bare node": true,
      "start over tini alone, no bucket traffic | tini": false,
    });
  });

  it("of a second start counts requests: one more than the graph and the list is too many", () => {
    const again = (requests: string) => {
      const cost = { files: 5000, peer: "kgsync", wall: 1, cpu: 1, rss: 150, ratio: 1 };
      return metBy({ bulk: ["up", "down", "down again"].map((name) => ({ name, ...cost, requests })) });
    };
    const second = "second start, 5000 backups, nothing changed | –";
    expect(again("1 GET, 5 LIST")).toMatchObject({ [second]: true, "5000 backups, up | –": undefined });
    expect(again("2 GET, 5 LIST")).toMatchObject({ [second]: false });
  });

  it("of a large graph asks for the best of the peers", () => {
    const row = (peer: string, ratio: number) => ({ step: "up", peer, ms: 1000, peakMb: 200, ratio });
    const changed = { requests: "1 PUT", up: 2_000_000, down: 0 };
    const large = (ratio: number) => ({
      size: 1024 ** 3,
      rounds: 1,
      rows: [row("kgsync", 1), row("rclone", 0.5), row("s5cmd", ratio)],
      changed,
    });
    expect(metBy({ large: large(1) })).toMatchObject({
      "one graph of 1024 MiB, up | rclone, s5cmd": true,
      "one graph of 1024 MiB, up: peak of memory | –": true,
    });
    expect(metBy({ large: large(1.01) })).toMatchObject({ "one graph of 1024 MiB, up | rclone, s5cmd": false });
  });

  it("of a rest leaves the working set open: no container was measured", () => {
    const idle = { name: "kgsync, s3://", rssMb: 70, ownMb: 20, cpuSeconds: 3.7, wakeUps: 1, requests: 0 };
    expect(metBy({ idle: [idle] })).toEqual({
      "at rest: requests an hour | –": true,
      "at rest: memory that nobody shares | –": undefined,
      "at rest: CPU | –": false,
    });
  });

  it("of saves and ends takes the median", () => {
    const [settle, stop] = judge({
      settle: { saves: [300, 10, 5000], exits: [] },
      stop: { saves: [], exits: [151, 151, 1] },
    });
    expect(settle).toMatchObject({ measured: "p50 0.30 s, p95 5.00 s", met: true });
    expect(stop).toMatchObject({ met: false });
  });
});

const row: Row = { work: "a start", beside: "rclone", target: "≤ 1×", measured: "0.50×", met: true };
const facts: Facts = {
  date: "2026-01-02",
  cores: 2,
  cpu: "A CPU",
  memoryGb: 8,
  node: "24.0.0",
  peers: { rclone: "rclone v1", s5cmd: null },
  quick: false,
};

describe("the table", () => {
  it("stands in columns for people", () => {
    expect(plainTable([row, { ...row, work: "x", met: undefined }]).split("\n")).toEqual([
      "work     beside  reach  measured  met",
      "a start  rclone  ≤ 1×   0.50×     yes",
      "x        rclone  ≤ 1×   0.50×     –",
    ]);
  });

  it("says what was left out, and that a quick run measures nothing", () => {
    expect(factLines(facts)).toEqual([
      "2026-01-02: 2 cores (A CPU), 8 GB, Node 24.0.0.",
      "rclone: rclone v1.",
      "s5cmd: not installed, left out.",
    ]);
    expect(factLines({ ...facts, quick: true }).at(-1)).toContain("quick run");
  });

  it("goes between the marks of a document, again and again, and nowhere else", () => {
    const document = "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n";
    const once = fillBlock(document, markdownBlock(facts, [{ ...row, met: false }]));
    expect(once).toMatch(/^before\n<!-- bench:begin -->\n\| work .*\n\| --- .*\n\| a start .* \| no \|\n\n- 2026/);
    expect(once).toMatch(/left out\.\n<!-- bench:end -->\nafter\n$/);
    expect(fillBlock(once, "old")).toBe(document);
  });

  it.each([
    "no marks",
    "<!-- bench:begin --> no end",
    "<!-- bench:end --> <!-- bench:begin -->",
    "<!-- bench:end --> <!-- bench:begin --> <!-- bench:end -->",
    "<!-- bench:begin --> <!-- bench:end --> <!-- bench:begin --> <!-- bench:end -->",
    "<!-- bench:begin --> <!-- bench:end --> <!-- bench:end -->",
  ])("is refused by %j", (document) => {
    expect(() => fillBlock(document, "x")).toThrow("once each");
  });
});
