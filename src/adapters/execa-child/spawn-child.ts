import { execa } from "execa";
import type { ChildStatus } from "../../core/child-status.ts";
import { parseSignal, STOP_SIGNALS } from "../../core/signals.ts";
import type { Child, ChildCommand, Spawn } from "../../ports/child.ts";
import type { Clock } from "../../ports/clock.ts";
import { endGroup } from "./end-group.ts";
import type { Terminal } from "./find-terminal.ts";
import { createGroup } from "./group.ts";
import { startGuard } from "./guard.ts";
import { listProcesses } from "./list-processes.ts";
import { spawnError } from "./spawn-error.ts";

const LOOK_FOR_APP_MS = 2;
const LOOK_FOR_APP_AT_MOST = 250;

/**
 * Every option that execa has by default for scripts is wrong for an entrypoint: `cleanup` listens to 17 signals,
 * `forceKillAfterDelay` kills an app that saves for more than 5 s, and any pipe waits for whoever holds its other end.
 */
const OPTIONS = {
  stdio: "inherit",
  cleanup: false,
  forceKillAfterDelay: false,
  reject: false,
  buffer: false,
  verbose: "none",
  stripFinalNewline: false,
  extendEnv: false,
} as const;

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

const start = (command: ChildCommand, terminal: Terminal) => {
  const [name, ...rest] = command.argv;
  const nested = terminal.kind === "nested";
  return execa(nested ? terminal.tini : name, nested ? ["-s", "-g", "--", ...command.argv] : rest, {
    ...OPTIONS,
    detached: terminal.kind === "none",
    env: command.env,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  });
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
    const subprocess = start(command, terminal);
    const { pid } = subprocess;
    if (pid === undefined) {
      const { code, cause } = await subprocess;
      throw spawnError(command, code, cause);
    }
    let reaped = false;
    const ended = new Promise<ChildStatus>((resolve) => {
      // `exit`, not `close`: a grandchild may hold stdout for ever
      subprocess.nodeChildProcess.once("exit", (code, signal) => {
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
