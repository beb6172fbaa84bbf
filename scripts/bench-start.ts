// npm run bench:start [-- --rounds N --json]: start time, from exec to the child's first output, of a container that brings a
// 54 KB graph and 100 backups of 17 KB from an S3 server on loopback: kgsync (all before the child; the backups in the
// background; a file:// bucket with nothing in it) beside `rclone copy`, `aws s3 cp` + `sync`, s5cmd, bare node and tini, in
// turn. Prints medians, and for each peer the median of the ratios within one round.
// Needs KGSYNC_TEST_S3_ENDPOINT and the AWS variables (scripts/bench.sh starts a server). Peers that are not installed
// are left out.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { sampleGraphBytes } from "../test/support/sample-graph.ts";
import { installedPeers, programOf } from "./bench/peers.ts";
import type { StartRow } from "./bench/results.ts";
import { environment, openBucket, rcloneEnv, serverEndpoint } from "./bench/server.ts";
import { inTurn, median, medianRatio } from "./bench/statistics.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "15" }, json: { type: "boolean", default: false } },
});
const ROUNDS = Number(values.rounds);
const endpoint = serverEndpoint();
const bin = join(import.meta.dirname, "../dist/kgsync.cjs");
const bucket = await openBucket(`bench-${process.pid}`);

const fill = async (): Promise<void> => {
  const put = (Key: string, Body: Uint8Array) =>
    bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: `app/${Key}`, Body }));
  await put("knowledge_graph.json", sampleGraphBytes({ seed: 1, bytes: 54_000 }));
  for (let n = 0; n < 100; n++)
    await put(
      `backups/knowledge_graph_20260101_${String(100000 + n)}.json`,
      sampleGraphBytes({ seed: n, bytes: 17_000 }),
    );
};

type Peer = {
  readonly name: string;
  readonly argv: (folder: string) => readonly [string, ...string[]];
  readonly env: (folder: string) => Readonly<Record<string, string>>;
};

const kgsync = (name: string, env: Peer["env"]): Peer => ({
  name,
  argv: () => [process.execPath, bin, "run", "--", "echo", "x"],
  env: (folder) => ({ KGSYNC_LOG_LEVEL: "error", ...env(folder) }),
});
const onServer = { KGSYNC_BUCKET: `s3://${bucket.name}/app`, AWS_ENDPOINT_URL_S3: endpoint };
const from = `s3://${bucket.name}/app`;
const aws = `${programOf("aws")} --endpoint-url ${endpoint} s3`;
const shell = (name: string, script: (folder: string) => string, env: Readonly<Record<string, string>> = {}): Peer => ({
  name,
  argv: (folder) => ["sh", "-c", `${script(folder)} && exec echo x`],
  env: () => env,
});

const known: readonly Peer[] = [
  kgsync("kgsync", () => onServer),
  kgsync("kgsync, background", () => ({ ...onServer, KGSYNC_BACKUPS_PULL: "background" })),
  kgsync("kgsync, file://", (folder) => ({ KGSYNC_BUCKET: `file://${folder}/bucket` })),
  shell("rclone", (folder) => `rclone copy b:${bucket.name}/app ${folder}/amadeus`, rcloneEnv(endpoint)),
  shell(
    "aws",
    (folder) =>
      `${aws} cp --quiet ${from}/knowledge_graph.json ${folder}/amadeus/knowledge_graph.json && ${aws} sync --quiet ${from}/backups ${folder}/amadeus/backups`,
  ),
  shell(
    "s5cmd",
    (folder) => `s5cmd --endpoint-url ${endpoint} --log error sync '${from}/*' ${folder}/amadeus/ >/dev/null`,
  ),
  shell("node", () => `${process.execPath} -e 0`),
  { name: "tini", argv: () => ["tini", "-s", "--", "echo", "x"], env: () => ({}) },
];
const optional = ["rclone", "aws", "s5cmd", "tini"];
const installed = installedPeers(optional);
const peers = known.filter(({ name }) => !optional.includes(name) || installed.has(name));

/** Milliseconds until the child's first byte. */
const measure = ({ name, argv, env }: Peer): Promise<number> =>
  new Promise((resolve, reject) => {
    const folder = mkdtempSync(join(tmpdir(), "kgsync-bench-"));
    const [program, ...args] = argv(folder);
    const began = performance.now();
    let first: number | undefined;
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...environment, ...env(folder) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.once("data", () => {
      first = performance.now() - began;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      rmSync(folder, { recursive: true, force: true });
      if (code !== 0 || first === undefined) reject(new Error(`${name} ended with ${code}`));
      else resolve(first);
    });
  });

const round = async (number: number): Promise<ReadonlyMap<string, number>> => {
  const times = new Map<string, number>();
  for (const peer of inTurn(peers, number)) times.set(peer.name, await measure(peer));
  return times;
};

const rounds: ReadonlyMap<string, number>[] = [];
try {
  await fill();
  await round(0); // fills caches, for all alike
  for (let number = 0; number < ROUNDS; number++) rounds.push(await round(number));
} finally {
  await bucket.close();
}

const timesOf = (name: string): readonly number[] => rounds.map((times) => times.get(name) ?? Number.NaN);
const ours = peers.filter(({ name }) => name.startsWith("kgsync"));
const rows = ours.flatMap(({ name: row }) =>
  peers
    .filter(({ name }) => name === row || !name.startsWith("kgsync"))
    .map(
      ({ name: peer }): StartRow => ({
        row,
        peer,
        ms: median(timesOf(peer)),
        ratio: medianRatio(timesOf(row), timesOf(peer)),
        more: median(timesOf(row).map((time, n) => time - (timesOf(peer)[n] ?? Number.NaN))),
      }),
    ),
);
if (values.json) console.log(JSON.stringify(rows));
else {
  console.log(`exec → the child's first output; graph 54 KB + 100 backups; medians of ${ROUNDS} rounds`);
  for (const name of optional.filter((each) => !installed.has(each))) console.log(`${name}: not installed, left out`);
  for (const { row, peer, ms, ratio, more } of rows)
    console.log(
      row === peer
        ? `\n${row.padEnd(20)} ${ms.toFixed(0).padStart(6)} ms`
        : `  beside ${peer.padEnd(11)} ${ms.toFixed(0).padStart(6)} ms   ${ratio.toFixed(2)} times as long, ${more.toFixed(0)} ms more`,
    );
}
