import { spawn } from "node:child_process";
import { vi } from "vitest";
import { openPipe } from "./open-pipe.ts";

/** One line of the log, as it was written. */
export type LogLine = { readonly level: string; readonly event: string; readonly msg: string } & Readonly<
  Record<string, unknown>
>;

export type KgsyncOptions = {
  /** The bundle's `bin`. */
  readonly bin: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited but PATH. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Where the clean-up is left: vitest's `onTestFinished`, of the test's own context where tests run side by side. */
  readonly whenFinished: (work: () => Promise<void>) => void;
};

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type RunningKgsync = {
  readonly pid: number;
  /** Everything on stdout so far: the app's own. */
  readonly out: () => string;
  /** Everything on stderr so far: the log and the app's own, interleaved. */
  readonly err: () => string;
  readonly logs: () => readonly LogLine[];
  /** Resolves with the `nth` log line (from 1) of that event. Rejects when the program ends without. */
  readonly waitForEvent: (event: string, nth?: number) => Promise<LogLine>;
  /** Resolves when stdout or stderr has a match. Rejects when the program ends without. */
  readonly waitForLine: (pattern: RegExp) => Promise<RegExpExecArray>;
  /** A line for the app's stdin. */
  readonly say: (line: string) => void;
  readonly closeStdin: () => void;
  readonly signal: (signal: NodeJS.Signals | number) => void;
  /** SIGKILL to the wrapper and then to the app, as when a container is killed. */
  readonly killAll: () => Promise<void>;
  /** When the wrapper has ended and all its output has been read. */
  readonly ended: Promise<Ended>;
};

const PATIENCE_MS = 60_000;

const parseLine = (line: string): readonly LogLine[] => {
  if (!line.startsWith('{"level"')) return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return []; // the app's own text that looks like ours
  }
};

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // already gone
  }
};

/** Starts the real program with pipes, as an engine does. What is left of it when the test ends is killed. */
export const startKgsync = ({ bin, args, env, cwd, whenFinished }: KgsyncOptions): RunningKgsync => {
  const path = process.env["PATH"] ?? "";
  const stdout = openPipe();
  const stderr = openPipe();
  const started = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: path, ...env },
    stdio: ["pipe", stdout.writeFd, stderr.writeFd],
  });
  const pid = started.pid ?? 0;
  const text = { out: "", err: "" };
  for (const pipe of [stdout, stderr]) pipe.closeWriter();
  const stdin = started.stdin;
  if (stdin === null) throw new Error("no stdin");
  stdin.on("error", () => undefined); // the app may end without having read all
  stdout.reader.setEncoding("utf8").on("data", (chunk: string) => (text.out += chunk));
  stderr.reader.setEncoding("utf8").on("data", (chunk: string) => (text.err += chunk));
  let over = false;
  const exited = new Promise<Ended>((resolve) => started.once("exit", (code, signal) => resolve({ code, signal })));
  const read = [stdout, stderr].map(
    ({ reader }) => new Promise<void>((resolve) => reader.once("close", () => resolve())),
  );
  const ended = Promise.all([exited, ...read]).then(([how]) => how);
  void ended.then(() => {
    over = true;
  });
  const logs = (): readonly LogLine[] => text.err.split("\n").slice(0, -1).flatMap(parseLine);
  const wait = async <T>(what: string, look: () => T | undefined): Promise<T> => {
    let found: T | undefined;
    await vi.waitUntil(
      () => {
        const last = over;
        found = look();
        return found !== undefined || last;
      },
      { timeout: PATIENCE_MS, interval: 5 },
    );
    if (found === undefined) throw new Error(`kgsync ended without ${what}:\n${text.out}\n${text.err}`);
    return found;
  };
  const killAll = async (): Promise<void> => {
    const app = logs().findLast(({ event }) => event === "child.started")?.["pid"];
    started.kill("SIGKILL");
    await exited;
    if (typeof app === "number") killQuietly(-app);
    await ended;
  };
  whenFinished(async () => {
    if (!over) await killAll();
  });
  return {
    pid,
    out: () => text.out,
    err: () => text.err,
    logs,
    waitForEvent: (event, nth = 1) => wait(event, () => logs().filter((line) => line.event === event)[nth - 1]),
    waitForLine: (pattern) => wait(String(pattern), () => pattern.exec(`${text.out}\n${text.err}`) ?? undefined),
    say: (line) => void stdin.write(`${line}\n`),
    closeStdin: () => void stdin.end(),
    signal: (signal) => void process.kill(pid, signal),
    killAll,
    ended,
  };
};
