// npm run bench:bulk [-- --files N,N --size BYTES --rounds R --latency MS --peers a,b --json]: many small backups, to and from
// an S3 server on loopback, which may be put at a distance: kgsync beside `rclone copy`, `aws s3 sync` and s5cmd, in turn. Per
// row and peer: medians of time and CPU, largest resident memory (time(1)), the median of the ratios to kgsync within one round,
// and the requests of one more run, counted by a proxy and not timed.
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench.sh starts a server) and time (Debian). Peers that are not
// installed are left out.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { sampleGraphBytes } from "../test/support/sample-graph.ts";
import { countRequests, requestsText } from "./bench/count-requests.ts";
import { installedPeers, programOf } from "./bench/peers.ts";
import type { BulkRow } from "./bench/results.ts";
import { environment, openBucket, rcloneEnv, serverEndpoint } from "./bench/server.ts";
import { inTurn, median, medianRatio } from "./bench/statistics.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "5000" },
    size: { type: "string", default: "20000" },
    rounds: { type: "string", default: "3" },
    latency: { type: "string", default: "0" },
    peers: { type: "string", default: "kgsync,rclone,aws,s5cmd" },
    rows: { type: "string", default: "up,up again,down,down again" },
    json: { type: "boolean", default: false },
  },
});
const SIZE = Number(values.size);
const ROUNDS = Number(values.rounds);
const endpoint = serverEndpoint();
const bin = join(import.meta.dirname, "../dist/kgsync.cjs");
const bucket = await openBucket(`bulk-${process.pid}`);
const root = mkdtempSync(join(tmpdir(), "kgsync-bulk-"));

/** One call of a tool: `folder` holds `amadeus/`, `prefix` is the place in the bucket, `server` where it is reached. */
type Call = { readonly folder: string; readonly prefix: string; readonly server: string };
type Command = { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
type Peer = { readonly name: string; readonly up: (call: Call) => Command; readonly down: (call: Call) => Command };

const s3 = (prefix: string): string => `s3://${bucket.name}/${prefix}`;
const kgsync = (command: string, { prefix, server }: Call): Command => ({
  argv: [process.execPath, bin, command],
  env: {
    KGSYNC_BUCKET: s3(prefix),
    AWS_ENDPOINT_URL_S3: server,
    KGSYNC_LOG_LEVEL: "warn",
    KGSYNC_BACKUPS_LIMIT: "1000000",
    KGSYNC_START_TIMEOUT: "1h",
    KGSYNC_FINAL_TIMEOUT: "1h",
  },
});
const aws = (call: Call, from: string, to: string): Command => ({
  argv: [programOf("aws"), "--endpoint-url", call.server, "s3", "sync", "--quiet", from, to],
  env: {},
});
const s5cmd = (call: Call, from: string, to: string): Command => ({
  argv: ["s5cmd", "--endpoint-url", call.server, "--log", "error", "sync", from, to],
  env: {},
});

const known: readonly Peer[] = [
  { name: "kgsync", up: (call) => kgsync("push", call), down: (call) => kgsync("pull", call) },
  {
    name: "rclone",
    up: (call) => ({
      argv: ["rclone", "copy", `${call.folder}/amadeus`, `b:${bucket.name}/${call.prefix}`],
      env: rcloneEnv(call.server),
    }),
    down: (call) => ({
      argv: ["rclone", "copy", `b:${bucket.name}/${call.prefix}`, `${call.folder}/amadeus`],
      env: rcloneEnv(call.server),
    }),
  },
  {
    name: "aws",
    up: (call) => aws(call, `${call.folder}/amadeus`, s3(call.prefix)),
    down: (call) => aws(call, s3(call.prefix), `${call.folder}/amadeus`),
  },
  {
    name: "s5cmd",
    up: (call) => s5cmd(call, `${call.folder}/amadeus/`, `${s3(call.prefix)}/`),
    down: (call) => s5cmd(call, `${s3(call.prefix)}/*`, `${call.folder}/amadeus/`),
  },
];
const wanted = values.peers.split(",");
const others = known.map(({ name }) => name).filter((name) => name !== "kgsync" && wanted.includes(name));
const installed = installedPeers(others);
const peers = known.filter(({ name }) => name === "kgsync" || installed.has(name));

/** What one run cost: milliseconds of wall time and CPU, MB of resident memory at its largest. */
type Cost = { readonly wall: number; readonly cpu: number; readonly rss: number };

const run = ({ argv, env }: Command, cwd: string): Promise<Cost> =>
  new Promise((resolve, reject) => {
    const told = join(root, "cost");
    const child = spawn("/usr/bin/time", ["-q", "-f", "%U %S %M", "-o", told, ...argv], {
      cwd,
      env: { ...environment, ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const began = performance.now();
    child.once("close", (code) => {
      const wall = performance.now() - began;
      if (code !== 0) return reject(new Error(`${argv.join(" ")} ended with ${code}`));
      const [user = 0, system = 0, kb = 0] = readFileSync(told, "utf8").trim().split(" ").map(Number);
      resolve({ wall, cpu: (user + system) * 1000, rss: kb / 1024 });
    });
  });

const fill = (folder: string, files: number): void => {
  mkdirSync(join(folder, "amadeus/backups"), { recursive: true });
  writeFileSync(join(folder, "amadeus/knowledge_graph.json"), sampleGraphBytes({ seed: 1, bytes: 54_000 }));
  const body = Buffer.alloc(SIZE, "knowledge ");
  const old = new Date(Date.now() - 3_600_000);
  for (let n = 0; n < files; n++) {
    body.write(`{"n":${n}}\n`);
    const path = join(folder, `amadeus/backups/knowledge_graph_2026${String(n).padStart(8, "0")}.json`);
    writeFileSync(path, body);
    utimesSync(path, old, old);
  }
};

/** The server's address, `latency` milliseconds away. */
const startDistance = async (): Promise<{ readonly url: string; readonly close: () => unknown }> => {
  const ms = Number(values.latency);
  if (ms === 0) return { url: endpoint, close: () => undefined };
  const { hostname, port } = new URL(endpoint);
  const thread = new Worker(join(import.meta.dirname, "delay-proxy.ts"), {
    workerData: { host: hostname, port: Number(port), ms },
  });
  const address: { readonly port: number } = await new Promise((resolve) => thread.once("message", resolve));
  return { url: `http://127.0.0.1:${address.port}`, close: () => thread.terminate() };
};

const print = (row: BulkRow): void => {
  if (values.json) return;
  const cells = [row.wall.toFixed(0), row.cpu.toFixed(0), row.rss.toFixed(0), row.ratio.toFixed(2)];
  const widths = [9, 9, 9, 9];
  console.log(
    `${`${row.files} ${row.name}`.padEnd(18)}${row.peer.padEnd(8)}${cells.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("")}   ${row.requests}`,
  );
};

type Told = ReadonlyMap<Peer, Cost>;

/**
 * One round of one size: each peer brings a folder up to a place of its own, does so again, brings it down into another folder
 * and again; each round begins with another peer, so that none always has the same one's dirty pages to wait for.
 */
const round = async (number: number, files: number, server: string, after: (row: string, peer: Peer) => void) => {
  const told = new Map<string, Map<Peer, Cost>>();
  for (const peer of inTurn(peers, number)) {
    // Removed at the very end: ext4 looks long for an inode while many were freed a moment ago.
    const [from, to] = [mkdtempSync(join(root, "from-")), mkdtempSync(join(root, "to-"))];
    const call = { prefix: `${files}/${number}/${peer.name}`, server };
    fill(from, files);
    spawnSync("sync");
    const steps: readonly (readonly [string, Command, string])[] = [
      ["up", peer.up({ ...call, folder: from }), from],
      ["up again", peer.up({ ...call, folder: from }), from],
      ["down", peer.down({ ...call, folder: to }), to],
      ["down again", peer.down({ ...call, folder: to }), to],
    ];
    for (const [row, command, cwd] of steps) {
      const costs = told.get(row) ?? new Map<Peer, Cost>();
      told.set(row, costs.set(peer, await run(command, cwd)));
      after(row, peer);
      spawnSync("sync"); // what one leaves to be written may not slow the next
    }
  }
  return told;
};

const measure = async (
  files: number,
  counter: Awaited<ReturnType<typeof countRequests>>,
): Promise<readonly BulkRow[]> => {
  const requests = new Map<string, string>();
  await round(0, files, counter.url, (row, peer) => requests.set(`${row} ${peer.name}`, requestsText(counter.take()))); // fills caches too
  const rounds: ReadonlyMap<string, Told>[] = [];
  for (let number = 1; number <= ROUNDS; number++)
    rounds.push(await round(number, files, distance.url, () => undefined));
  const rows = values.rows.split(",").flatMap((name) =>
    peers.map((peer): BulkRow => {
      const costs = (of: Peer | undefined): readonly Cost[] =>
        rounds.flatMap((told) => (of === undefined ? [] : (told.get(name)?.get(of) ?? [])));
      const ours = costs(peers[0]);
      const theirs = costs(peer);
      return {
        name,
        files,
        peer: peer.name,
        wall: median(theirs.map(({ wall }) => wall)),
        cpu: median(theirs.map(({ cpu }) => cpu)),
        rss: Math.max(...theirs.map(({ rss }) => rss)),
        ratio: medianRatio(
          theirs.map(({ wall }) => wall),
          ours.map(({ wall }) => wall),
        ),
        requests: requests.get(`${name} ${peer.name}`) ?? "",
      };
    }),
  );
  for (const row of rows) print(row);
  return rows;
};

const counter = await countRequests(endpoint);
const distance = await startDistance();
const rows: BulkRow[] = [];
if (!values.json) {
  for (const name of others.filter((each) => !installed.has(each))) console.log(`${name}: not installed, left out`);
  console.log(
    `backups of ${SIZE} bytes and a graph of 54 KB; medians of ${ROUNDS} rounds; "times" as long as kgsync\n\n${"row".padEnd(18)}${"peer".padEnd(8)}  wall ms   CPU ms   RSS MB    times   requests`,
  );
}
try {
  for (const files of values.files.split(",").map(Number)) rows.push(...(await measure(files, counter)));
} finally {
  counter.close();
  distance.close();
  await bucket.close();
  rmSync(root, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify(rows));
