import type { BulkRow, IdleRow, LargeResult, Results, SaveResult, StartRow } from "./results.ts";
import { median, percentile } from "./statistics.ts";
import type { Row } from "./table.ts";

const NOT_THERE = "not installed";
const times = (ratio: number): string => `${ratio.toFixed(2)}×`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const mb = (value: number): string => `${value.toFixed(0)} MB`;

type StartTarget = { readonly row: string; readonly work: string; readonly peer: string; readonly limit: number };

const STARTS: readonly StartTarget[] = [
  { row: "kgsync", work: "start: graph of 54 KB, 100 backups", peer: "rclone", limit: 1.2 },
  { row: "kgsync", work: "start: graph of 54 KB, 100 backups", peer: "aws", limit: 0.15 },
  { row: "kgsync, background", work: "start, backups in the background", peer: "rclone", limit: 0.7 },
  { row: "kgsync, background", work: "start, backups in the background", peer: "aws", limit: 0.15 },
  { row: "kgsync, background", work: "start, backups in the background", peer: "node", limit: 5 },
];

const startRows = (rows: readonly StartRow[]): readonly Row[] => {
  const find = (row: string, peer: string) => rows.find((each) => each.row === row && each.peer === peer);
  const judged = STARTS.map(({ row, work, peer, limit }): Row => {
    const [ours, theirs] = [find(row, row), find(row, peer)];
    return {
      work,
      beside: peer === "node" ? "bare node" : peer,
      target: `≤ ${limit}×`,
      measured:
        theirs === undefined
          ? NOT_THERE
          : `${times(theirs.ratio)} (${seconds(ours?.ms ?? Number.NaN)}, ${seconds(theirs.ms)})`,
      met: theirs === undefined ? undefined : theirs.ratio <= limit,
    };
  });
  const shown = ["kgsync", "kgsync, background"].flatMap((row): readonly Row[] => {
    const s5cmd = find(row, "s5cmd");
    if (s5cmd === undefined) return [];
    const work = STARTS.find((target) => target.row === row)?.work ?? row;
    const measured = `${times(s5cmd.ratio)} (${seconds(s5cmd.ms)})`;
    return [{ work, beside: "s5cmd", target: "–", measured, met: undefined }];
  });
  const tini = find("kgsync, file://", "tini");
  const bare: Row = {
    work: "start over tini alone, no bucket traffic",
    beside: "tini",
    target: "≤ 120 ms more",
    measured: tini === undefined ? NOT_THERE : `${tini.more.toFixed(0)} ms more`,
    met: tini === undefined ? undefined : tini.more <= 120,
  };
  return [...judged, ...shown, bare];
};

const PEERS = ["rclone", "aws", "s5cmd"];

const largeRows = ({ size, rows, changed }: LargeResult): readonly Row[] => {
  const graph = `one graph of ${size / 1024 ** 2} MiB`;
  const ways = ["up", "down"].flatMap((step): readonly Row[] => {
    const of = rows.filter((row) => row.step === step);
    const ours = of.find(({ peer }) => peer === "kgsync");
    const theirs = of.filter(({ peer }) => PEERS.includes(peer));
    return [
      {
        work: `${graph}, ${step}`,
        beside: theirs.map(({ peer }) => peer).join(", ") || "–",
        target: "≤ 1× the best's time",
        measured: `${seconds(ours?.ms ?? Number.NaN)}: ${theirs.map(({ peer, ratio }) => `${peer} ${times(ratio)}`).join(", ")}`,
        met: theirs.length === 0 ? undefined : theirs.every(({ ratio }) => ratio <= 1),
      },
      {
        work: `${graph}, ${step}: peak of memory`,
        beside: "–",
        target: "≤ 200 MB",
        measured: `${mb(ours?.peakMb ?? Number.NaN)} (${theirs.map(({ peer, peakMb }) => `${peer} ${peakMb}`).join(", ")})`,
        met: (ours?.peakMb ?? Number.NaN) <= 200,
      },
    ];
  });
  const change: Row = {
    work: `${graph}, a change of 1 KB`,
    beside: "–",
    target: "–",
    measured: `${changed.requests}; ${(changed.up / 1e6).toFixed(1)} MB up, ${(changed.down / 1e6).toFixed(1)} MB down`,
    met: undefined,
  };
  return [...ways, change];
};

const bulkRows = (rows: readonly BulkRow[]): readonly Row[] =>
  [...new Set(rows.map(({ files }) => files))].flatMap((files) => {
    const find = (name: string, peer: string) =>
      rows.find((row) => row.files === files && row.name === name && row.peer === peer);
    const ways = ["up", "down"].flatMap((name): readonly Row[] => {
      const ours = find(name, "kgsync");
      const theirs = PEERS.flatMap((peer) => find(name, peer) ?? []);
      const rclone = find(name, "rclone");
      return [
        {
          work: `${files} backups, ${name}`,
          beside: theirs.map(({ peer }) => peer).join(", ") || "–",
          target: "≥ 1.5× as fast as rclone",
          measured: `${seconds(ours?.wall ?? Number.NaN)}: ${theirs.map(({ peer, ratio }) => `${peer} ${times(ratio)}`).join(", ")}`,
          met: rclone === undefined ? undefined : rclone.ratio >= 1.5,
        },
        {
          work: `${files} backups, ${name}: peak of memory`,
          beside: "–",
          target: "≤ 150 MB",
          measured: `${mb(ours?.rss ?? Number.NaN)} (${theirs.map(({ peer, rss }) => `${peer} ${rss.toFixed(0)}`).join(", ")})`,
          met: (ours?.rss ?? Number.NaN) <= 150,
        },
      ];
    });
    const again = find("down again", "kgsync");
    const rclone = find("down again", "rclone");
    const expected = `1 GET, ${Math.ceil(files / 1000)} LIST`;
    const second: Row = {
      work: `second start, ${files} backups, nothing changed`,
      beside: rclone === undefined ? "–" : "rclone",
      target: `${expected} (the graph, the list)`,
      measured: `${again?.requests ?? "–"}${rclone === undefined ? "" : ` (rclone ${rclone.requests})`}`,
      met: again?.requests === expected,
    };
    return [...ways, second];
  });

const idleRows = (rows: readonly IdleRow[]): readonly Row[] => {
  const row = rows.find(({ name }) => name === "kgsync, s3://");
  if (row === undefined) return [];
  const percent = (row.cpuSeconds / 3600) * 100;
  const node = rows.find(({ name }) => name === "bare node");
  const beside = (text: string): string => (node === undefined ? "" : ` (bare node ${text})`);
  return [
    {
      work: "at rest: requests an hour",
      beside: "–",
      target: "0",
      measured: row.requests.toFixed(0),
      met: row.requests === 0,
    },
    {
      work: "at rest: memory that nobody shares",
      beside: node === undefined ? "–" : "bare node",
      target: "working set ≤ 45 MB",
      measured: `${mb(row.ownMb)} of ${mb(row.rssMb)} resident${beside(`${node?.ownMb.toFixed(0)} of ${node?.rssMb.toFixed(0)}`)}`,
      met: undefined, // a working set is what a container is charged for: this is only its lower bound
    },
    {
      work: "at rest: CPU",
      beside: node === undefined ? "–" : "bare node",
      target: "≤ 0.1 %",
      measured: `${percent.toFixed(3)} %${beside(`${(((node?.cpuSeconds ?? Number.NaN) / 3600) * 100).toFixed(3)} %`)}`,
      met: percent <= 0.1,
    },
  ];
};

const saved = (work: string, target: string, limit: number, ms: readonly number[]): Row => ({
  work,
  beside: "–",
  target,
  measured: `p50 ${seconds(median(ms))}, p95 ${seconds(percentile(ms, 95))}`,
  met: median(ms) <= limit,
});
const settleRow = ({ saves }: SaveResult): Row =>
  saved("a save → durable, beyond the debounce", "p50 ≤ 0.3 s", 300, saves);
const stopRow = ({ exits }: SaveResult): Row =>
  saved("the app's end after a save → kgsync's, 54 KB", "≤ 0.15 s", 150, exits);

/** The rows of the table, in its order, of what was measured. Times are judged, never refused. */
export const judge = ({ start, large, bulk, idle, settle, stop }: Results): readonly Row[] => [
  ...(start === undefined ? [] : startRows(start)),
  ...(large === undefined ? [] : largeRows(large)),
  ...(bulk === undefined ? [] : bulkRows(bulk)),
  ...(idle === undefined ? [] : idleRows(idle)),
  ...(settle === undefined ? [] : [settleRow(settle)]),
  ...(stop === undefined ? [] : [stopRow(stop)]),
];
