// npm run bench:large [-- --size 1GiB] [--rounds N] [--json] [--only kgsync]: one large graph, up and down, between a folder and
// an S3 server on loopback: `kgsync push` and `pull` beside rclone, the AWS CLI and s5cmd (where it is installed), in turn.
// Prints medians, for each peer the median of the ratios within one round, and each program's peak of resident memory (VmHWM).
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench.sh starts a server). Everything lies in TMPDIR.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countRequests, requestsText } from "./bench/count-requests.ts";
import { installedPeers, programOf } from "./bench/peers.ts";
import type { LargeResult, LargeRow } from "./bench/results.ts";
import { environment, openBucket, rcloneEnv, serverEndpoint } from "./bench/server.ts";
import { inTurn, median, medianRatio } from "./bench/statistics.ts";
import { writeLargeGraph } from "./large-graph.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1GiB" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const endpoint = serverEndpoint();
const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const [, count = "1", unit = "GiB"] = /^(\d+)([KMG]iB)$/.exec(values.size) ?? [];
const size = Number(count) * (UNITS[unit] ?? 1);
const root = join(import.meta.dirname, "..");
const bucket = await openBucket(`large-${process.pid}`);
const place = mkdtempSync(join(tmpdir(), "kgsync-bench-"));
const original = join(place, "original.json");

type Run = { readonly ms: number; readonly peakKb: number };
type Peer = {
  readonly name: string;
  readonly up: (folder: string, prefix: string) => readonly string[];
  readonly down: (folder: string, prefix: string) => readonly string[];
  readonly env: (prefix: string) => Readonly<Record<string, string>>;
};

const graphIn = (folder: string): string => `${folder}/amadeus/knowledge_graph.json`;
const kgsync = (command: string): readonly string[] => [process.execPath, join(root, "dist/kgsync.cjs"), command];
const aws = [programOf("aws"), "--endpoint-url", endpoint, "s3", "cp", "--quiet"];
const url = (prefix: string): string => `s3://${bucket.name}/${prefix}/knowledge_graph.json`;

const peers: readonly Peer[] = [
  {
    name: "kgsync",
    up: () => kgsync("push"),
    down: () => kgsync("pull"),
    env: (prefix) => ({
      KGSYNC_BUCKET: `s3://${bucket.name}/${prefix}`,
      AWS_ENDPOINT_URL_S3: endpoint,
      KGSYNC_LOG_LEVEL: "error",
    }),
  },
  {
    name: "rclone",
    up: (folder, prefix) => ["rclone", "copyto", graphIn(folder), `b:${bucket.name}/${prefix}/knowledge_graph.json`],
    down: (folder, prefix) => ["rclone", "copyto", `b:${bucket.name}/${prefix}/knowledge_graph.json`, graphIn(folder)],
    env: () => rcloneEnv(endpoint),
  },
  {
    name: "aws",
    up: (folder, prefix) => [...aws, graphIn(folder), url(prefix)],
    down: (folder, prefix) => [...aws, url(prefix), graphIn(folder)],
    env: () => ({}),
  },
  {
    name: "s5cmd",
    up: (folder, prefix) => ["s5cmd", "--endpoint-url", endpoint, "cp", graphIn(folder), url(prefix)],
    down: (folder, prefix) => ["s5cmd", "--endpoint-url", endpoint, "cp", url(prefix), graphIn(folder)],
    env: () => ({}),
  },
];

const peakOf = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
};

const timed = (
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const [program = "", ...args] = argv;
    const began = performance.now();
    const child = spawn(program, args, {
      cwd,
      env: { ...environment, ...env },
      stdio: ["ignore", "ignore", "inherit"],
    });
    let peakKb = 0;
    const poll = setInterval(() => {
      peakKb = Math.max(peakKb, peakOf(child.pid ?? 0));
    }, 10);
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(poll);
      const ms = performance.now() - began;
      if (code === 0) resolve({ ms, peakKb });
      else reject(new Error(`${name}: ${argv.join(" ")} ended with ${code}`));
    });
  });

const STEPS = ["up", "down", "second start", "up, changed"] as const;
type Step = (typeof STEPS)[number];

/** Up from one folder, down into another, and for us what follows: a start with nothing changed, a push of a changed graph. */
const measure = async (peer: Peer, number: number): Promise<ReadonlyMap<Step, Run>> => {
  const prefix = `${peer.name}-${number}`;
  const folders = [0, 1].map((n) => join(place, `${prefix}-${n}`));
  const [from = "", to = ""] = folders;
  for (const folder of folders) mkdirSync(join(folder, "amadeus"), { recursive: true });
  copyFileSync(original, graphIn(from));
  execFileSync("sync", ["-f", place]); // what was written to prepare is not waited for by whoever syncs
  const found = new Map<Step, Run>();
  const step = async (what: Step, argv: readonly string[], cwd: string): Promise<void> => {
    found.set(what, await timed(`${peer.name} ${what}`, argv, peer.env(prefix), cwd));
  };
  try {
    await step("up", peer.up(from, prefix), from);
    await step("down", peer.down(to, prefix), to);
    execFileSync("/usr/bin/cmp", [original, graphIn(to)]);
    await step("second start", peer.down(to, prefix), to);
    execFileSync("sed", ["-i", "2s/1.0.0/1.0.1/", graphIn(to)]);
    execFileSync("sync", ["-f", place]);
    await step("up, changed", peer.up(to, prefix), to);
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await bucket.empty(`${prefix}/`);
  }
  return found;
};

/** Requests and bytes for a change of 1 KB at the graph's beginning, through a proxy: not timed. */
const countChange = async (): Promise<LargeResult["changed"]> => {
  const counter = await countRequests(endpoint);
  const folder = join(place, "changed");
  mkdirSync(join(folder, "amadeus"), { recursive: true });
  copyFileSync(original, graphIn(folder));
  const env = { ...peers[0]?.env("changed"), AWS_ENDPOINT_URL_S3: counter.url };
  try {
    await timed("kgsync", kgsync("push"), env, folder);
    counter.take();
    const line = `${JSON.stringify("a_new_service")}: ${JSON.stringify({ note: "x".repeat(1000) })},`;
    execFileSync("sed", ["-i", `/"services": {/a ${line}`, graphIn(folder)]);
    await timed("kgsync", kgsync("push"), env, folder);
    const all = counter.take();
    const sum = (bytes: readonly number[]): number => bytes.reduce((total, more) => total + more, 0);
    return {
      requests: requestsText(all),
      up: sum(all.map(({ up }) => up)),
      down: sum(all.map(({ down }) => down)),
    };
  } finally {
    counter.close();
  }
};

const others = values.only ? [] : ["rclone", "aws", "s5cmd"];
const installed = installedPeers(others);
const there = peers.filter(({ name }) => name === "kgsync" || installed.has(name));
let changed: LargeResult["changed"] = { requests: "", up: Number.NaN, down: Number.NaN };
const rounds: ReadonlyMap<Peer, ReadonlyMap<Step, Run>>[] = [];
try {
  writeLargeGraph(original, size);
  for (let number = 0; number < Number(values.rounds); number++) {
    const round = new Map<Peer, ReadonlyMap<Step, Run>>();
    for (const peer of inTurn(there, number)) round.set(peer, await measure(peer, number));
    rounds.push(round);
  }
  changed = await countChange();
} finally {
  await bucket.close();
  rmSync(place, { recursive: true, force: true });
}

const [ours] = there;
const rows = STEPS.flatMap((step) =>
  there.map((peer): LargeRow => {
    const of = (each: Peer | undefined, what: "ms" | "peakKb"): readonly number[] =>
      rounds.map((round) => (each && round.get(each)?.get(step)?.[what]) ?? Number.NaN);
    return {
      step,
      peer: peer.name,
      ms: Math.round(median(of(peer, "ms"))),
      peakMb: Math.round(Math.max(...of(peer, "peakKb")) / 1024),
      ratio: Number(medianRatio(of(ours, "ms"), of(peer, "ms")).toFixed(2)),
    };
  }),
);
const result: LargeResult = { size, rounds: rounds.length, rows, changed };
if (values.json) console.log(JSON.stringify(result));
else {
  for (const name of others.filter((each) => !installed.has(each))) console.log(`${name}: not installed, left out`);
  console.log(`one graph of ${values.size}; medians of ${rounds.length} rounds; ratio: our time by theirs`);
  for (const { step, peer, ms, peakMb, ratio } of rows)
    console.log(
      `${step.padEnd(14)} ${peer.padEnd(8)} ${String(ms).padStart(7)} ms ${String(peakMb).padStart(6)} MB ${String(ratio).padStart(6)}`,
    );
  console.log(`a change of 1 KB: ${changed.requests}; ${changed.up} bytes up, ${changed.down} down`);
}
