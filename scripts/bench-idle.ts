// npm run bench:idle [-- --seconds N --settle N --json]: what kgsync costs while nothing happens. For a bucket on s3:// (a double in this
// process, which counts requests) and on file://: resident and private memory, CPU, system calls' worth of wake-ups, requests.
// Beside it, in the same run: tini alone, and a Node program that only waits.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startS3Double } from "../test/support/s3-double/start-s3-double.ts";
import { s3Env } from "../test/support/story-place.ts";
import type { IdleRow } from "./bench/results.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    settle: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
const bin = join(import.meta.dirname, "../dist/kgsync.cjs");

type Cost = { readonly cpuNs: number; readonly rssKb: number; readonly ownKb: number; readonly wakeUps: number };

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);

/** Nanoseconds on a CPU, of all threads that live (proc(5), schedstat): finer than the ticks of `stat`. */
const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, thread) => sum + Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]),
    0,
  );

const costOf = (pid: number): Cost => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    cpuNs: cpuNs(pid),
    rssKb: field(status, "VmRSS"),
    ownKb: field(rollup, "Private_Clean") + field(rollup, "Private_Dirty"),
    wakeUps: field(status, "voluntary_ctxt_switches"),
  };
};

const ended = (started: ChildProcess): Promise<void> => new Promise((resolve) => started.once("exit", () => resolve()));

/** Resolves when the text has been seen on stderr. */
const said = (started: ChildProcess, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let all = "";
    started.stderr?.on("data", (bytes) => {
      all += bytes;
      if (all.includes(text)) resolve();
    });
    started.once("exit", (code) => reject(new Error(`ended with ${code}: ${all}`)));
  });

const rows: IdleRow[] = [];
const print = (cells: readonly (string | number)[]): void => {
  if (!values.json)
    console.log(cells.map((cell, at) => String(cell)[at === 0 ? "padEnd" : "padStart"](at === 0 ? 24 : 14)).join(""));
};

const measure = async (name: string, pid: number, requests: () => number): Promise<void> => {
  await sleep(Number(values.settle) * 1000); // what the start has left to do, and V8 after it
  const [before, first] = [costOf(pid), requests()];
  await sleep(seconds * 1000);
  const [after, last] = [costOf(pid), requests()];
  const perHour = (count: number): number => (count * 3600) / seconds;
  const row: IdleRow = {
    name,
    rssMb: after.rssKb / 1024,
    ownMb: after.ownKb / 1024,
    cpuSeconds: perHour(after.cpuNs - before.cpuNs) / 1e9,
    wakeUps: perHour(after.wakeUps - before.wakeUps),
    requests: perHour(last - first),
  };
  rows.push(row);
  print([
    name,
    ...[row.rssMb, row.ownMb, row.cpuSeconds].map((value) => value.toFixed(1)),
    ...[row.wakeUps, row.requests].map((value) => value.toFixed(0)),
  ]);
};

const root = mkdtempSync(join(tmpdir(), "kgsync-idle-"));

const waitInKgsync = async (name: string, env: Readonly<Record<string, string>>, requests: () => number) => {
  const cwd = join(root, name.replaceAll(/\W/g, "-"));
  mkdirSync(join(cwd, "amadeus"), { recursive: true });
  writeFileSync(join(cwd, "amadeus/knowledge_graph.json"), '{"services":{}}');
  const started = spawn(process.execPath, [bin, "run", "--", "sleep", "86400"], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  await said(started, '"child.started"');
  await measure(name, started.pid ?? 0, requests);
  started.kill("SIGTERM");
  await ended(started);
};

const waitIn = async (name: string, command: string, args: readonly string[]): Promise<void> => {
  const started = spawn(command, args, { stdio: "ignore" });
  const there = await new Promise((resolve) => {
    started.once("spawn", () => resolve(true));
    started.once("error", () => resolve(false));
  });
  if (there !== true) return print([name, "not installed"]);
  await measure(name, started.pid ?? 0, () => 0);
  started.kill("SIGTERM");
  await ended(started);
};

print(["at rest", "RSS MB", "own MB", "CPU s/h", "wake-ups/h", "requests/h"]);
try {
  const double = await startS3Double();
  await Promise.all([
    waitInKgsync("kgsync, s3://", s3Env(double), () => double.requests.length),
    waitInKgsync("kgsync, file://", { KGSYNC_BUCKET: `file://${root}/bucket` }, () => 0),
    waitIn("bare node", process.execPath, ["-e", "setInterval(() => {}, 1e9)"]),
    waitIn("tini", "tini", ["-s", "--", "sleep", "86400"]),
  ]);
  await double.close();
} finally {
  rmSync(root, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify(rows));
