// Several wrappers with an app each on one bucket, for minutes, with random kills; at the end nothing may be lost.
//   node scripts/two-writers.ts [--minutes N] [--writers N] [--seed N]       KGSYNC_BUCKET and the AWS variables say where
// A fact counts as acknowledged when kgsync logged a push of a save that has it, when a run ended with data=safe, or when the
// disk that has it lives to the end. It is lost when it is neither in the bucket's graph nor in what lies below .kgsync.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bucketTexts, makeBucket } from "./read-bucket.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    writers: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
  },
});
const bucket = process.env["KGSYNC_BUCKET"] ?? "";
const root = mkdtempSync(join(tmpdir(), "kgsync-writers-"));
const bin = resolve("dist/kgsync.cjs");
const app = resolve("scripts/ledger-app.ts");

/** mulberry32: what is done to the wrappers is the same for the same seed; when the apps save is not. */
let state = Number(flags.seed) >>> 0;
const random = (): number => {
  state = (state + 0x6d2b79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

type Save = { readonly sha256: string; readonly add?: string; readonly remove?: string };
type Line = Readonly<Record<string, unknown>>;

const acknowledged = new Set<string>();
const removed = new Set<string>();
const counts = {
  facts: 0,
  kills: 0,
  stops: 0,
  stateLost: 0,
  diskLost: 0,
  merges: 0,
  conflicts: 0,
  unsafe: 0,
  pushes: 0,
};
const codes = new Map<string, number>();

const parseLines = <T>(text: string): readonly T[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line));

const namesIn = (text: string): readonly string[] => {
  try {
    return Object.keys(JSON.parse(text).services ?? {});
  } catch {
    return [];
  }
};

const createWriter = (name: string) => {
  const home = join(root, name);
  const graph = join(home, "amadeus/knowledge_graph.json");
  const ledger = join(home, "ledger");
  mkdirSync(home);
  let child: ChildProcess | undefined;
  let log = "";
  let ended: Promise<unknown> = Promise.resolve();
  let read = 0;

  const start = async (): Promise<void> => {
    log = "";
    const env = {
      ...process.env,
      KGSYNC_BUCKET: bucket,
      KGSYNC_LOG_FORMAT: "json",
      KGSYNC_DEBOUNCE: "50ms",
      KGSYNC_TERMINATION_LOG: "off",
    };
    const args = [bin, "run", "--", process.execPath, app, graph, ledger, name];
    const started = spawn(process.execPath, args, { cwd: home, env, stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    started.stderr.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
    ended = new Promise((done) => started.once("exit", (code, signal) => done(code ?? signal)));
    for (let n = 0; n < 3000 && !log.includes('"child.started"') && started.exitCode === null; n++) await sleep(20);
  };

  /** What was written since the last look, and what of it kgsync has answered for. */
  const account = (): void => {
    const lines = parseLines<Line>(log);
    const saves = parseLines<Save>(existsSync(ledger) ? readFileSync(ledger, "utf8") : "");
    const pushed = new Set(
      lines.filter(({ event }) => event === "push.stored").map((line) => line["local"] ?? line["sha256"]),
    );
    const last = saves.findLastIndex(({ sha256 }) => pushed.has(sha256));
    for (const [index, { add, remove }] of saves.entries()) {
      if (index >= read && add !== undefined) counts.facts += 1;
      if (remove !== undefined) removed.add(remove);
      if (index >= read && index <= last && add !== undefined) acknowledged.add(add);
    }
    read = saves.length;
    counts.pushes += pushed.size;
    counts.merges += lines.filter(({ event }) => event === "merge.done").length;
    counts.conflicts += lines.filter(({ event }) => event === "merge.conflicts").length;
    const end = lines.find(({ event }) => event === "end");
    if (end !== undefined) codes.set(String(end["code"]), (codes.get(String(end["code"])) ?? 0) + 1);
    if (end?.["data"] === "unsafe") counts.unsafe += 1;
    if (end?.["data"] === "safe") for (const fact of namesIn(readFileSync(graph, "utf8"))) acknowledged.add(fact);
    if (process.env["KEEP_LOGS"] !== undefined) process.stderr.write(log);
  };

  const kill = async (): Promise<void> => {
    const pid = parseLines<Line>(log).find(({ event }) => event === "child.started")?.["pid"];
    child?.kill("SIGKILL");
    try {
      if (typeof pid === "number") process.kill(-pid, "SIGKILL");
    } catch {
      // it has ended by itself
    }
    await ended;
    counts.kills += 1;
    account();
  };

  const stop = async (): Promise<void> => {
    child?.kill("SIGTERM");
    await ended;
    counts.stops += 1;
    account();
  };

  return { name, graph, start, kill, stop, home };
};

type Writer = ReturnType<typeof createWriter>;

/** Something that a platform does to a container, and the next start. */
const disturb = async (writer: Writer): Promise<void> => {
  const dice = random();
  if (dice < 0.35) await writer.stop();
  else await writer.kill();
  if (dice > 0.8 && dice <= 0.92) {
    counts.stateLost += 1;
    rmSync(join(writer.home, "amadeus/.kgsync"), { recursive: true, force: true });
  }
  if (dice > 0.92) {
    counts.diskLost += 1;
    rmSync(join(writer.home, "amadeus"), { recursive: true, force: true });
  }
  await writer.start();
};

await makeBucket(bucket);
const writers = Array.from({ length: Number(flags.writers) }, (_, n) => createWriter(`w${n + 1}`));
const until = performance.now() + Number(flags.minutes) * 60_000;
await Promise.all(
  writers.map(async (writer) => {
    await writer.start();
    while (performance.now() < until) {
      await sleep(500 + random() * 4000);
      await disturb(writer);
    }
    await writer.stop();
  }),
);
// What a last stop could not send lies on the disks: each comes up once more, alone, and so does what the others had.
for (const writer of [...writers, ...writers]) {
  await writer.start();
  await writer.stop();
}
for (const { graph } of writers) for (const fact of namesIn(readFileSync(graph, "utf8"))) acknowledged.add(fact);

const { graph, kept } = await bucketTexts(bucket);
const found = new Set(namesIn(graph));
const isFact = (name: string): boolean => /^w\d+-/.test(name);
const expected = [...acknowledged].filter((name) => isFact(name) && !removed.has(name));
const missing = expected.filter((name) => !found.has(name));
const lost = missing.filter((name) => !kept.some((text) => text.includes(`"${name}"`)));
const back = [...removed].filter((name) => found.has(name));
const answer = {
  ...counts,
  acknowledged: expected.length,
  inGraph: expected.length - missing.length,
  onlyInRecords: missing.length - lost.length,
  lost: lost.length,
  removed: removed.size,
  removedAndBack: back.length,
  codes: Object.fromEntries(codes),
};
process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
if (lost.length > 0) process.stdout.write(`LOST: ${lost.slice(0, 20).join(" ")}\n`);
if (lost.length === 0) rmSync(root, { recursive: true, force: true });
else process.stdout.write(`kept for a look: ${root}\n`);
process.exitCode = lost.length === 0 ? 0 : 1;
