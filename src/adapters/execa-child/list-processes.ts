import { readdirSync, readFileSync } from "node:fs";

/** One living process, from /proc/PID/stat (proc_pid_stat(5)). */
export type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly stopped: boolean;
  /** When it started, in clock ticks since boot: with the pid it is one process and no later one. */
  readonly start: number;
};

/**
 * One line of /proc/PID/stat, or `undefined` for what cannot run any more. The name in parentheses may itself hold spaces and
 * parentheses, so fields are counted from the last one. A zombie with further threads still writes: it is alive.
 */
export const parseStat = (line: string): Process | undefined => {
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  const threads = Number(fields[17]);
  if (state === undefined || session === undefined) return undefined;
  if ((state === "Z" || state === "X") && !(threads > 1)) return undefined;
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    stopped: state === "T",
    start: Number(fields[19]),
  };
};

/** The process with that pid, or this one, if it can still run and /proc shows it. */
export const lookAt = (pid: number | "self"): Process | undefined => {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // it has ended, or there is no /proc
  }
};

/** All processes that can still run, as far as /proc shows them; `undefined` where there is no /proc. Zombies are left out. */
export const listProcesses = (): readonly Process[] | undefined => {
  try {
    return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (lookAt(Number(name)) ?? []) : []));
  } catch {
    return undefined;
  }
};
