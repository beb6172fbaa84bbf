import { type ChildProcess, spawn } from "node:child_process";
import type { ChildStatus } from "../../core/child-status.ts";
import { parseSignal, STOP_SIGNALS } from "../../core/signals.ts";
import type { Child, ChildCommand, Spawn } from "../../ports/child.ts";
import type { Clock } from "../../ports/clock.ts";
import { errnoOf } from "../node-file-tree/disk-error.ts";
import { endGroup } from "./end-group.ts";
import type { Terminal } from "./find-terminal.ts";
import { createGroup } from "./group.ts";
import { startGuard } from "./guard.ts";
import { listProcesses } from "./list-processes.ts";
import { spawnError } from "./spawn-error.ts";

const LOOK_FOR_APP_MS = 2;
const LOOK_FOR_APP_AT_MOST = 250;

const statusOf = (code: number | null, signal: string | null): ChildStatus => {
  const number = signal === null ? undefined : parseSignal(signal);
  return number === undefined ? { kind: "exited", code: code ?? 0 } : { kind: "signaled", signal: number };
};

/** The program that tini has put into a group of its own, or `undefined` when it ended before it was seen. */
const findApp = async (tini: number, clock: Clock, reaped: () => boolean): Promise<number | undefined> => {
  for (let look = 0; look < LOOK_FOR_APP_AT_MOST && !reaped(); look++) {
    const app = listProcesses()?.find(({ parent, pid, group }) => parent === tini && pid === group);
    if (app !== undefined) return app.pid;
    await clock.sleep(LOOK_FOR_APP_MS);
  }
  return undefined;
};

/** By node:child_process: a library for scripts takes a tenth of our start to load, for defaults that are wrong for an entrypoint. */
const start = (command: ChildCommand, terminal: Terminal): ChildProcess => {
  const [name, ...rest] = command.argv;
  const nested = terminal.kind === "nested";
  return spawn(nested ? terminal.tini : name, nested ? ["-s", "-g", "--", ...command.argv] : rest, {
    stdio: "inherit",
    detached: terminal.kind === "none",
    env: command.env,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
};

/** Some failures of execve(2) are thrown, others told by an event (node:child_process). */
const startOrFail = async (
  command: ChildCommand,
  terminal: Terminal,
): Promise<{ readonly subprocess: ChildProcess; readonly pid: number }> => {
  let cause: unknown;
  try {
    const subprocess = start(command, terminal);
    const { pid } = subprocess;
    const failed = new Promise((resolve) => subprocess.on("error", resolve)); // later ones are no matter of the start
    if (pid !== undefined) return { subprocess, pid };
    cause = await failed;
  } catch (thrown) {
    cause = thrown;
  }
  throw spawnError(command, errnoOf(cause), cause);
};

type SpawnOptions = {
  readonly clock: Clock;
  readonly terminal: Terminal;
  /** The signals that ask the program to end, if they are others than usual. */
  readonly wakes?: ReadonlySet<number>;
};

/**
 * Starts programs with our own stdin, stdout and stderr, in a session of their own unless they need the terminal.
 * From then on nothing of ours may touch `process.stdin`, `stdout`, `stderr` or `console`: it would set O_NONBLOCK on the
 * descriptions shared with the app, and the app would lose output.
 */
export const createSpawn =
  ({ clock, terminal, wakes = new Set(STOP_SIGNALS) }: SpawnOptions): Spawn =>
  async (command): Promise<Child> => {
    const { subprocess, pid } = await startOrFail(command, terminal);
    let reaped = false;
    const ended = new Promise<ChildStatus>((resolve) => {
      // `exit`, not `close`: a grandchild may hold stdout for ever
      subprocess.once("exit", (code, signal) => {
        reaped = true;
        resolve(statusOf(code, signal));
      });
    });
    const app = terminal.kind === "nested" ? await findApp(pid, clock, () => reaped) : undefined;
    const group = createGroup({ terminal: terminal.kind, pid, app, reaped: () => reaped, wakes });
    const guard = startGuard(group.leader, group.alone);
    return {
      pid: group.leader,
      ended,
      signal: group.send,
      endGroup: (quietMs) => endGroup(group, clock, quietMs).finally(guard.dismiss),
    };
  };
