import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findProgram } from "../../src/adapters/execa-child/find-program.ts";
import { fixture, stateOf } from "../support/child-box.ts";
import { environment } from "../support/environment.ts";

let folder: string;
let ptyEnded: Promise<unknown> = Promise.resolve();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kgsync-pty-"));
});
afterEach(async () => {
  for (const who of ["wrapper started", "wrapper pid"]) {
    const pid = Number(new RegExp(`${who} (\\d+)`).exec(read("log"))?.[1]);
    if (pid > 1) killQuietly(pid);
  }
  await ptyEnded; // script(1) ends with what it runs
  rmSync(folder, { recursive: true, force: true });
});

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it ended by itself
  }
};
const read = (name: string): string => {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch {
    return "";
  }
};
const shows = (name: string, text: string): Promise<void> =>
  vi.waitFor(() => expect(read(name)).toContain(text), { timeout: 30_000, interval: 10 });
const count = (name: string, line: string): number =>
  read(name)
    .split("\n")
    .filter((found) => found === line).length;

/** Runs the small wrapper on a pseudo terminal of its own (script(1)); what is written to it is typed on the keyboard. */
const onTerminal = (path: string, command: string) => {
  const node = process.execPath;
  // exec: a shell in between would get the Ctrl-C too, and may report its own end instead of the program's
  const line = `exec env PATH=${path} ${node} ${fixture("small-wrapper.ts")} ${join(folder, "log")} ${command}`;
  const started = spawn("script", ["-qec", line, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...environment(), REPORT: join(folder, "report") },
  });
  let screen = "";
  started.stdout.on("data", (bytes) => {
    screen += bytes;
  });
  const ended = new Promise<number | null>((resolve) => started.once("close", (code) => resolve(code)));
  ptyEnded = ended;
  return { type: (keys: string) => started.stdin.write(keys), ended, screen: () => screen };
};

/** PATH with tini or without, whatever this machine has. */
const without = (): string => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of ["sh", "sleep", "cat"]) {
    const found = findProgram(name, process.env["PATH"], undefined);
    if (typeof found === "string") symlinkSync(found, join(bin, name));
  }
  return bin;
};
const paths = [
  ["tini, if this machine has it", () => process.env["PATH"] ?? ""],
  ["no tini", without],
] as const;

test.each(paths)("with %s: each Ctrl-C reaches the app once, and other signals too", async (_, path) => {
  const terminal = onTerminal(path(), `${process.execPath} ${fixture("count-signals.mjs")}`);
  await shows("report", "ready");
  await shows("log", "wrapper started");
  for (const times of [1, 2, 3]) {
    terminal.type("\u0003");
    await vi.waitFor(() => expect(count("report", "got 2")).toBe(times), { timeout: 30_000, interval: 10 });
  }
  const app = Number(/wrapper started (\d+)/.exec(read("log"))?.[1]);
  const wrapper = Number(/wrapper pid (\d+)/.exec(read("log"))?.[1]);
  process.kill(wrapper, "SIGTERM");
  await shows("report", "got 15");
  process.kill(wrapper, "SIGHUP");
  await shows("report", "got 1\n");
  process.kill(app, "SIGKILL");
  expect(await terminal.ended).toBe(137);
  expect(["got 2", "got 15", "got 1"].map((line) => count("report", line))).toEqual([3, 1, 1]);
});

test("with tini the app has job control, and Ctrl-Z does not stop the wrapper", async () => {
  const hasTini = typeof findProgram("tini", process.env["PATH"], undefined) === "string";
  const terminal = onTerminal(process.env["PATH"] ?? "", "sh -i");
  await shows("log", "wrapper started");
  const wrapper = Number(/wrapper pid (\d+)/.exec(read("log"))?.[1]);
  expect(read("log")).toContain(hasTini ? "terminal nested" : "terminal shared");
  terminal.type("sleep 500\n");
  await vi.waitFor(() => expect(terminal.screen()).toContain("sleep 500"), { timeout: 30_000, interval: 10 });
  await foregroundIs("sleep", wrapper);
  terminal.type("\u001a");
  await foregroundIs("sh", wrapper);
  expect(stateOf(wrapper)).not.toBe("T");
  terminal.type("fg\n");
  await foregroundIs("sleep", wrapper);
  terminal.type("\u0003");
  await foregroundIs("sh", wrapper);
  terminal.type("exit 5\n");
  expect(await terminal.ended).toBe(5);
});

/** Waits until a process of that name leads the wrapper's terminal's foreground group (field 8 of stat). */
const foregroundIs = (name: string, wrapper: number): Promise<void> =>
  vi.waitFor(
    () => {
      const stat = readFileSync(`/proc/${wrapper}/stat`, "latin1");
      const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5]);
      expect(readFileSync(`/proc/${group}/comm`, "utf8").trim()).toBe(name);
    },
    { timeout: 30_000, interval: 10 },
  );
