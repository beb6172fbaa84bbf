// npm run bench:idle [-- --seconds N]: what kgsync costs while nothing happens. For a bucket on s3:// (a double in this
// process, which counts requests) and on file://: resident and private memory, CPU, system calls' worth of wake-ups, requests.
// Beside it, in the same run: tini alone, and a Node program that only waits.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startS3Double } from "../test/support/s3-double/start-s3-double.ts";
import { s3Env } from "../test/support/story-place.ts";

const TICKS_PER_SECOND = 100; // USER_HZ, fixed in Linux' interface (time(7))
const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" } } });
const seconds = Number(values.seconds);
const bin = join(import.meta.dirname, "../dist/kgsync.cjs");

type Cost = { readonly cpuTicks: number; readonly rssKb: number; readonly ownKb: number; readonly wakeUps: number };

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0);

const costOf = (pid: number): Cost => {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return {
    cpuTicks: Number(fields[11]) + Number(fields[12]),
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

const row = (cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, at) => String(cell)[at === 0 ? "padEnd" : "padStart"](at === 0 ? 24 : 14)).join(""));

const measure = async (name: string, pid: number, requests: () => number): Promise<void> => {
  await sleep(30_000); // what the start has left to do, and V8 after it
  const [before, first] = [costOf(pid), requests()];
  await sleep(seconds * 1000);
  const [after, last] = [costOf(pid), requests()];
  const perHour = (count: number): number => (count * 3600) / seconds;
  row([
    name,
    (after.rssKb / 1024).toFixed(1),
    (after.ownKb / 1024).toFixed(1),
    (perHour(after.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND).toFixed(1),
    perHour(after.wakeUps - before.wakeUps).toFixed(0),
    perHour(last - first).toFixed(0),
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
  if (there !== true) return row([name, "not installed"]);
  await measure(name, started.pid ?? 0, () => 0);
  started.kill("SIGTERM");
  await ended(started);
};

row(["at rest", "RSS MB", "own MB", "CPU s/h", "wake-ups/h", "requests/h"]);
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
