import { readdirSync, readFileSync } from "node:fs";

/** One living process, from /proc/PID/stat (proc_pid_stat(5)). */
export type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly stopped: boolean;
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
  };
};

/** All processes that can still run, as far as /proc shows them; `undefined` where there is no /proc. Zombies are left out. */
export const listProcesses = (): readonly Process[] | undefined => {
  try {
    return readdirSync("/proc").flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        return parseStat(readFileSync(`/proc/${name}/stat`, "latin1")) ?? [];
      } catch {
        return []; // it ended between the two reads
      }
    });
  } catch {
    return undefined;
  }
};
