// Start time, from exec to the child's first output, of a container that brings a 54 KB graph and 100 backups of 17 KB from
// an S3 server on loopback: kgsync beside `rclone copy` and `aws s3 cp` + `sync`, in turn. Prints medians, and for each peer
// the median of the ratios within one round: what slows the machine for a while slows both sides of a ratio alike.
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench-start.sh starts a server), rclone and aws (Debian).
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { sampleGraphBytes } from "../test/support/sample-graph.ts";

const ROUNDS = Number(process.argv[2] ?? 15);
const endpoint = process.env["KGSYNC_TEST_S3_ENDPOINT"];
if (endpoint === undefined) throw new Error("KGSYNC_TEST_S3_ENDPOINT is not set: run scripts/bench-start.sh");
/**
 * Without what kgsync would refuse as an unknown setting, and without certificate authorities: the server speaks plain HTTP,
 * rclone 1.60 cannot read the first, and Node would load the second at each start.
 */
const {
  KGSYNC_TEST_S3_ENDPOINT: _endpoint,
  AWS_CA_BUNDLE: _aws,
  NODE_EXTRA_CA_CERTS: _node,
  ...environment
} = process.env;
const root = join(import.meta.dirname, "..");
const bucket = `bench-${process.pid}`;

const fill = async (): Promise<void> => {
  const client = new S3Client({ endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const put = (Key: string, Body: Uint8Array) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: `app/${Key}`, Body }));
  await put("knowledge_graph.json", sampleGraphBytes({ seed: 1, bytes: 54_000 }));
  for (let n = 0; n < 100; n++)
    await put(
      `backups/knowledge_graph_20260101_${String(100000 + n)}.json`,
      sampleGraphBytes({ seed: n, bytes: 17_000 }),
    );
  client.destroy();
};

const rclone = {
  RCLONE_CONFIG: "/dev/null",
  RCLONE_CONFIG_B_TYPE: "s3",
  RCLONE_CONFIG_B_PROVIDER: "Ceph",
  RCLONE_CONFIG_B_ENV_AUTH: "true",
  RCLONE_CONFIG_B_ENDPOINT: endpoint,
};

type Peer = {
  readonly name: string;
  readonly argv: (folder: string) => readonly [string, ...string[]];
  readonly env: Record<string, string>;
};

const peers: readonly Peer[] = [
  {
    name: "kgsync run",
    argv: () => [process.execPath, join(root, "dist/kgsync.cjs"), "run", "--", "echo", "x"],
    env: { KGSYNC_BUCKET: `s3://${bucket}/app`, AWS_ENDPOINT_URL_S3: endpoint, KGSYNC_LOG_LEVEL: "error" },
  },
  {
    name: "rclone copy && exec",
    argv: (folder) => ["sh", "-c", `rclone copy b:${bucket}/app ${folder}/amadeus && exec echo x`],
    env: rclone,
  },
  {
    name: "aws s3 cp && aws s3 sync && exec",
    argv: (folder) => [
      "sh",
      "-c",
      `/usr/bin/aws --endpoint-url ${endpoint} s3 cp --quiet s3://${bucket}/app/knowledge_graph.json ${folder}/amadeus/knowledge_graph.json && /usr/bin/aws --endpoint-url ${endpoint} s3 sync --quiet s3://${bucket}/app/backups ${folder}/amadeus/backups && exec echo x`,
    ],
    env: {},
  },
  { name: "bare node -e 0 && exec", argv: () => ["sh", "-c", `${process.execPath} -e 0 && exec echo x`], env: {} },
];

/** Milliseconds until the child's first byte. */
const measure = ({ name, argv, env }: Peer): Promise<number> =>
  new Promise((resolve, reject) => {
    const folder = mkdtempSync(join(tmpdir(), "kgsync-bench-"));
    const [program, ...args] = argv(folder);
    const began = performance.now();
    let first: number | undefined;
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...environment, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.once("data", () => {
      first = performance.now() - began;
    });
    child.once("close", (code) => {
      rmSync(folder, { recursive: true, force: true });
      if (code !== 0 || first === undefined) reject(new Error(`${name} ended with ${code}`));
      else resolve(first);
    });
  });

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
  return (low + high) / 2;
};

/** All peers once, each time beginning with another: none always has the same one's dirty pages to wait for. */
const round = async (number: number): Promise<ReadonlyMap<Peer, number>> => {
  const times = new Map<Peer, number>();
  for (let n = 0; n < peers.length; n++) {
    const peer = peers[(n + number) % peers.length];
    if (peer !== undefined) times.set(peer, await measure(peer));
  }
  return times;
};

await fill();
await round(0); // fills caches, for all alike
const rounds: ReadonlyMap<Peer, number>[] = [];
for (let number = 0; number < ROUNDS; number++) rounds.push(await round(number));
const timesOf = (peer: Peer): readonly number[] => rounds.map((times) => times.get(peer) ?? Number.NaN);
console.log(`exec → the child's first output; graph 54 KB + 100 backups; medians of ${ROUNDS} rounds\n`);
for (const peer of peers) {
  const [ours = peer] = peers;
  const ratios = timesOf(ours).map((time, n) => time / (timesOf(peer)[n] ?? Number.NaN));
  const ratio = peer === ours ? "" : `   kgsync takes ${median(ratios).toFixed(2)} times as long`;
  console.log(`${peer.name.padEnd(34)} ${median(timesOf(peer)).toFixed(0).padStart(6)} ms${ratio}`);
}
