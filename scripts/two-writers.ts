// Several wrappers with an app each on one bucket, for minutes, with random kills; at the end nothing may be lost.
//   node scripts/two-writers.ts [--minutes N] [--writers N] [--seed N]       KGSYNC_BUCKET and the AWS variables say where
// All other settings of the environment reach kgsync too: KGSYNC_LEASE=on, KGSYNC_WATCH=off …
// A fact counts as acknowledged when kgsync logged a push of a save that has it, when a run ended with data=safe, or when the
// disk that has it lives to the end. It is lost when it is neither in the bucket's graph nor below .kgsync/conflicts.
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { bucketTexts, makeBucket } from "./read-bucket.ts";
import { namesIn, parseLines, pushedOf, type Save } from "./read-ledger.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    writers: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
  },
});
const bucket = process.env["KGSYNC_BUCKET"] ?? "";
const root = mkdtempSync(join(realpathSync(tmpdir()), "kgsync-writers-"));
const bin = resolve("dist/kgsync.cjs");
const app = resolve("scripts/ledger-app.ts");
/** No stop may take longer: the grace that kgsync assumes is 10 s, and a busy machine is slow. */
const STUCK_MS = 60_000;

/** mulberry32: what is done to a writer is the same for the same seed; when the apps save is not. */
const createRandom = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

type Line = Readonly<Record<string, unknown>>;

const acknowledged = new Set<string>();
const removed = new Set<string>();
/** Those, and the ones that were about to be: a kill may have come before the removal, or before its line. */
const doubtful = new Set<string>();
const counts = {
  facts: 0,
  kills: 0,
  killsAtStart: 0,
  stops: 0,
  stateLost: 0,
  diskLost: 0,
  merges: 0,
  conflicts: 0,
  unsafe: 0,
  pushes: 0,
  stuck: 0,
};
const codes = new Map<string, number>();

/** Everything that runs in a folder: a wrapper and its app, which is in a session of its own. */
const processesIn = (home: string): readonly number[] =>
  readdirSync("/proc").flatMap((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === home ? [Number(name)] : [];
    } catch {
      return []; // it has ended
    }
  });

const createWriter = (name: string, seed: number) => {
  const home = join(root, name);
  const graph = join(home, "amadeus/knowledge_graph.json");
  const ledger = join(home, "ledger");
  mkdirSync(home);
  let child: ChildProcess | undefined;
  let log = "";
  let ended: Promise<void> = Promise.resolve();
  let read = 0;

  const start = (): void => {
    log = "";
    const env = {
      KGSYNC_DEBOUNCE: "50ms",
      ...process.env,
      KGSYNC_BUCKET: bucket,
      KGSYNC_LOG_FORMAT: "json",
      KGSYNC_TERMINATION_LOG: "off",
    };
    const args = [bin, "run", "--", process.execPath, app, graph, ledger, name];
    const started = spawn(process.execPath, args, { cwd: home, env, stdio: ["ignore", "ignore", "pipe"] });
    child = started;
    started.stderr.setEncoding("utf8").on("data", (chunk: string) => (log += chunk));
    // `close`, not `exit`: what it logged last has been read by then.
    ended = new Promise((done) => started.once("close", () => done()));
  };

  /** Until the app runs, stands by for the other one (with a lease), or everything is over. */
  const running = async (standby = true): Promise<void> => {
    const far = standby ? /"child\.started"|"lease\.waiting"/ : /"child\.started"/;
    for (let n = 0; n < 3000 && !far.test(log) && child?.exitCode === null; n++) await sleep(20);
  };

  /** What was written since the last look, and what of it kgsync has answered for. */
  const account = (): void => {
    const lines = parseLines<Line>(log);
    const saves = parseLines<Save>(existsSync(ledger) ? readFileSync(ledger, "utf8") : "");
    const answered = pushedOf(saves, log);
    for (const [index, { add, remove, removing }] of saves.entries()) {
      if (index >= read && add !== undefined) counts.facts += 1;
      if (remove !== undefined) removed.add(remove);
      if (removing !== undefined) doubtful.add(removing);
      if (index >= read && index < answered && add !== undefined) acknowledged.add(add);
    }
    read = saves.length;
    const times = (event: string): number => lines.filter((line) => line["event"] === event).length;
    counts.pushes += times("push.stored");
    counts.merges += times("merge.done");
    counts.conflicts += times("merge.conflicts");
    const end = lines.find(({ event }) => event === "end");
    if (end !== undefined) codes.set(String(end["code"]), (codes.get(String(end["code"])) ?? 0) + 1);
    if (end?.["data"] === "unsafe") counts.unsafe += 1;
    if (end?.["data"] === "safe") for (const fact of namesIn(readFileSync(graph, "utf8"))) acknowledged.add(fact);
    if (process.env["KEEP_LOGS"] !== undefined) process.stderr.write(log);
  };

  /** As the end of a container: the wrapper first, then whatever it leaves, also an app that it had not spoken of yet. */
  const kill = async (): Promise<void> => {
    child?.kill("SIGKILL");
    for (let left = processesIn(home); left.length > 0; left = processesIn(home)) {
      for (const pid of left) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // it has ended by itself
        }
      }
      await sleep(5);
    }
    await ended;
    counts.kills += 1;
    if (!log.includes('"child.started"')) counts.killsAtStart += 1;
    account();
  };

  const stop = async (): Promise<void> => {
    child?.kill("SIGTERM");
    const timer = setTimeout(() => {
      counts.stuck += 1;
      child?.kill("SIGKILL");
    }, STUCK_MS);
    await ended;
    clearTimeout(timer);
    counts.stops += 1;
    account();
  };

  return { graph, start, running, kill, stop, home, random: createRandom(seed) };
};

type Writer = ReturnType<typeof createWriter>;

/** Something that a platform does to a container, and the next start, which may be cut short too. */
const disturb = async (writer: Writer): Promise<void> => {
  const { random } = writer;
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
  writer.start();
  const early = random();
  if (early < 0.25) {
    await sleep(early * 4000);
    await writer.kill();
    writer.start();
  }
  await writer.running();
};

await makeBucket(bucket);
const writers = Array.from({ length: Number(flags.writers) }, (_, n) =>
  createWriter(`w${n + 1}`, Number(flags.seed) * 1000 + n),
);
const until = performance.now() + Number(flags.minutes) * 60_000;
await Promise.all(
  writers.map(async (writer) => {
    writer.start();
    await writer.running();
    while (performance.now() < until) {
      await sleep(500 + writer.random() * 4000);
      await disturb(writer);
    }
    await writer.stop();
  }),
);
// What a last stop could not send lies on the disks: each comes up once more, alone, and so does what the others had.
for (const writer of [...writers, ...writers]) {
  writer.start();
  await writer.running(false);
  await writer.stop();
}
for (const { graph } of writers) for (const fact of namesIn(readFileSync(graph, "utf8"))) acknowledged.add(fact);

const { graph, kept } = await bucketTexts(bucket);
const found = new Set(namesIn(graph));
const isFact = (name: string): boolean => /^w\d+-/.test(name);
const expected = [...acknowledged].filter((name) => isFact(name) && !doubtful.has(name));
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
const failed = lost.length > 0 || counts.stuck > 0 || expected.length === 0;
if (lost.length > 0) process.stdout.write(`LOST: ${lost.slice(0, 20).join(" ")}\n`);
if (failed) process.stdout.write(`kept for a look: ${root}\n`);
else rmSync(root, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;
