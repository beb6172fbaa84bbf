import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { buildBundle } from "../../scripts/build.ts";
import { CONT, FORWARDED } from "../../src/core/signals.ts";
import { fixture } from "../support/child-box.ts";

let dist: string;
let folder: string;
let running: ChildProcess | undefined;
beforeAll(async () => {
  dist = mkdtempSync(join(tmpdir(), "kgsync-dist-"));
  await buildBundle(dist, fixture("boot-main.ts"));
});
afterAll(() => rmSync(dist, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kgsync-boot-"));
});
afterEach(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const lines = (): string[] => {
  try {
    return readFileSync(join(folder, "report"), "utf8").split("\n").slice(0, -1);
  } catch {
    return [];
  }
};
const reported = (text: string): Promise<void> =>
  vi.waitFor(() => expect(lines().join("\n")).toContain(text), { timeout: 30_000, interval: 2 });

const boot = (script = join(dist, "kgsync.cjs"), env: Record<string, string> = {}) => {
  const started = spawn(process.execPath, [script, "run", "--", "app"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], REPORT: join(folder, "report"), KGSYNC_STARTED_BY_TINI: "1", ...env },
  });
  running = started;
  let output = "";
  for (const stream of [started.stdout, started.stderr]) stream.on("data", (bytes) => (output += bytes));
  const ended = new Promise((resolve) => started.once("close", (code, signal) => resolve(signal ?? code)));
  return { pid: started.pid ?? 0, output: () => output, ended };
};
const allow = (what: "go" | "end"): void => writeFileSync(join(folder, `report.${what}`), "");

/** Whether the process has a handler for the signal: bit n-1 of SigCgt (proc_pid_status(5)). */
const catches = (pid: number, signal: number): boolean => {
  const mask = /^SigCgt:\s+([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n;
};

test("a TERM in the first moment that it is listened to reaches the program", async () => {
  const { pid, output, ended } = boot();
  // The last listener is there. Not TERM's own bit: Node itself catches TERM and INT from its first moment, and dies of them.
  while (!catches(pid, Math.max(...FORWARDED)));
  process.kill(pid, "SIGTERM");
  await reported("loaded");
  allow("go");
  await reported("signal 15");
  allow("end");
  expect(await ended).toBe(0);
  expect(output()).toBe("");
});

test("what came before the program took over is delivered once, and so is the rest", async () => {
  const { pid, ended } = boot();
  await reported("loaded");
  expect(FORWARDED.filter((signal) => !catches(pid, signal))).toEqual([]);
  // CONT and the stop signals wipe one another out while they are pending (signal(7)): CONT goes later
  for (const signal of FORWARDED) if (signal !== CONT) process.kill(pid, signal);
  allow("go");
  await reported("took signals");
  await reported("signal 30");
  for (const signal of [CONT, 12]) process.kill(pid, signal);
  await reported("signal 18");
  await vi.waitFor(() => expect(lines().filter((line) => line === "signal 12")).toHaveLength(2), { timeout: 30_000 });
  allow("end");
  expect(await ended).toBe(0);
  const got = lines().filter((line) => line.startsWith("signal "));
  expect(got.toSorted()).toEqual([...FORWARDED, 12].map((signal) => `signal ${signal}`).toSorted());
});

test("USR1 opens no debugger, and warnings wait for the program instead of being printed", async () => {
  const { pid, output, ended } = boot();
  await reported("loaded");
  process.kill(pid, "SIGUSR1");
  allow("go");
  await reported("signal 10");
  await reported("warning early");
  await reported("late part loaded");
  allow("end");
  expect(await ended).toBe(0);
  expect(output()).toBe("");
});

test("the build: an executable boot file, the version, and what is imported late is not evaluated early", async () => {
  const { ended } = boot();
  await reported(`loaded version=${manifest.version} args=run,--,app marks=`);
  allow("end");
  expect(await ended).toBe(0);
  expect(statSync(join(dist, "kgsync.cjs")).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(dist, "kgsync.cjs"), "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(lines().join("\n")).not.toContain("late part evaluated");
  expect(readFileSync(join(dist, "main.cjs"), "latin1")).toMatch(/^[\0-\x7f]*$/); // it is read as Latin-1
});

test("it is found through a link, as npm installs it, and keeps its compiled code beside itself", async () => {
  const link = join(folder, "kgsync");
  symlinkSync(join(dist, "kgsync.cjs"), link);
  const { ended } = boot(link);
  await reported("loaded");
  allow("end");
  expect(await ended).toBe(0);
  expect(readdirSync(join(dist, "compile-cache"))).toHaveLength(1);
});

/** One whole run with `NODE_DEBUG=kgsync`; what it says of the code cache. */
const useOfCodeCache = async (): Promise<string | undefined> => {
  const { output, ended } = boot(join(dist, "kgsync.cjs"), { NODE_DEBUG: "kgsync" });
  allow("end");
  expect(await ended).toBe(0);
  return /code cache \S+\/compile-cache\/run-any\S+: (\w+)/.exec(output())?.[1];
};

test("compiled code is kept, used by the next run, and made anew when it is damaged", async () => {
  const cache = join(dist, "compile-cache");
  rmSync(cache, { recursive: true, force: true });
  expect([await useOfCodeCache(), await useOfCodeCache()]).toEqual(["absent", "used"]);
  const [name = ""] = readdirSync(cache);
  const whole = readFileSync(join(cache, name));
  for (const damaged of [
    Buffer.alloc(0),
    Buffer.from("x"),
    Buffer.alloc(whole.length),
    whole.subarray(0, whole.length / 2),
  ]) {
    writeFileSync(join(cache, name), damaged);
    expect([await useOfCodeCache(), await useOfCodeCache()]).toEqual(["refused", "used"]);
  }
  expect(readdirSync(cache)).toEqual([name]);
});

test("where nothing may be written it starts all the same", async () => {
  const cache = join(dist, "compile-cache");
  rmSync(cache, { recursive: true, force: true });
  writeFileSync(cache, "a file where the folder should be");
  expect([await useOfCodeCache(), await useOfCodeCache()]).toEqual(["absent", "absent"]);
  rmSync(cache);
});
