// npm run bench:large [-- --size 1GiB] [--rounds N] [--json] [--only kgsync]: one large graph, up and down, between a folder and
// an S3 server on loopback: `kgsync push` and `pull` beside rclone, the AWS CLI and s5cmd (where it is installed), in turn.
// Prints medians, for each peer the median of the ratios within one round, and each program's peak of resident memory (VmHWM).
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench-large.sh starts a server). Everything lies in TMPDIR.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { writeLargeGraph } from "./large-graph.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "1GiB" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});
const endpoint = process.env["KGSYNC_TEST_S3_ENDPOINT"];
if (endpoint === undefined) throw new Error("KGSYNC_TEST_S3_ENDPOINT is not set: run scripts/bench-large.sh");
const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };
const [, count = "1", unit = "GiB"] = /^(\d+)([KMG]iB)$/.exec(values.size) ?? [];
const size = Number(count) * (UNITS[unit] ?? 1);
/** Without what kgsync would refuse as an unknown setting, and without certificate authorities: the server speaks plain HTTP. */
const {
  KGSYNC_TEST_S3_ENDPOINT: _endpoint,
  AWS_CA_BUNDLE: _aws,
  NODE_EXTRA_CA_CERTS: _node,
  ...environment
} = process.env;
const root = join(import.meta.dirname, "..");
const bucket = `large-${process.pid}`;
const place = mkdtempSync(join(tmpdir(), "kgsync-bench-"));
const original = join(place, "original.json");
const client = new S3Client({ endpoint, forcePathStyle: true });

const installed = (program: string): boolean => {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

type Run = { readonly ms: number; readonly peakKb: number };
type Peer = {
  readonly name: string;
  readonly up: (folder: string, prefix: string) => readonly string[];
  readonly down: (folder: string, prefix: string) => readonly string[];
  readonly env: (prefix: string) => Readonly<Record<string, string>>;
};

const graphIn = (folder: string): string => `${folder}/amadeus/knowledge_graph.json`;
const kgsync = (command: string): readonly string[] => [process.execPath, join(root, "dist/kgsync.cjs"), command];
const aws = ["/usr/bin/aws", "--endpoint-url", endpoint, "s3", "cp", "--quiet"];
const url = (prefix: string): string => `s3://${bucket}/${prefix}/knowledge_graph.json`;

const peers: readonly Peer[] = [
  {
    name: "kgsync",
    up: () => kgsync("push"),
    down: () => kgsync("pull"),
    env: (prefix) => ({
      KGSYNC_BUCKET: `s3://${bucket}/${prefix}`,
      AWS_ENDPOINT_URL_S3: endpoint,
      KGSYNC_LOG_LEVEL: "error",
    }),
  },
  {
    name: "rclone",
    up: (folder, prefix) => ["rclone", "copyto", graphIn(folder), `b:${bucket}/${prefix}/knowledge_graph.json`],
    down: (folder, prefix) => ["rclone", "copyto", `b:${bucket}/${prefix}/knowledge_graph.json`, graphIn(folder)],
    env: () => ({
      RCLONE_CONFIG: "/dev/null",
      RCLONE_CONFIG_B_TYPE: "s3",
      RCLONE_CONFIG_B_PROVIDER: "Ceph",
      RCLONE_CONFIG_B_ENV_AUTH: "true",
      RCLONE_CONFIG_B_ENDPOINT: endpoint,
    }),
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
    execFileSync("/usr/bin/rclone", ["purge", `b:${bucket}/${prefix}`], {
      env: { ...environment, ...peers[1]?.env(prefix) },
      stdio: "ignore",
    });
  }
  return found;
};

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return ((sorted[sorted.length % 2 === 0 ? half - 1 : half] ?? 0) + (sorted[half] ?? 0)) / 2;
};

const there = peers.filter(({ name }) => name === "kgsync" || (installed(name) && !values.only));
await client.send(new CreateBucketCommand({ Bucket: bucket }));
client.destroy();
const rounds: ReadonlyMap<Peer, ReadonlyMap<Step, Run>>[] = [];
try {
  writeLargeGraph(original, size);
  for (let number = 0; number < Number(values.rounds); number++) {
    const round = new Map<Peer, ReadonlyMap<Step, Run>>();
    for (let n = 0; n < there.length; n++) {
      const peer = there[(n + number) % there.length];
      if (peer !== undefined) round.set(peer, await measure(peer, number));
    }
    rounds.push(round);
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

const [ours] = there;
const rows = STEPS.flatMap((step) =>
  there.map((peer) => {
    const of = (each: Peer | undefined, what: "ms" | "peakKb"): readonly number[] =>
      rounds.map((round) => (each && round.get(each)?.get(step)?.[what]) ?? Number.NaN);
    const ratios = of(ours, "ms").map((ms, n) => ms / (of(peer, "ms")[n] ?? Number.NaN));
    return {
      step,
      peer: peer.name,
      ms: Math.round(median(of(peer, "ms"))),
      peakMb: Math.round(Math.max(...of(peer, "peakKb")) / 1024),
      ratio: Number(median(ratios).toFixed(2)),
    };
  }),
);
if (values.json) console.log(JSON.stringify({ size, rounds: rounds.length, rows }));
else {
  console.log(`one graph of ${values.size}; medians of ${rounds.length} rounds; ratio: our time by theirs`);
  for (const { step, peer, ms, peakMb, ratio } of rows)
    console.log(
      `${step.padEnd(14)} ${peer.padEnd(8)} ${String(ms).padStart(7)} ms ${String(peakMb).padStart(6)} MB ${String(ratio).padStart(6)}`,
    );
}
