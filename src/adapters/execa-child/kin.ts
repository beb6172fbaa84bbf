import { isInit } from "./is-init.ts";
import { listProcesses, lookAt, type Process } from "./list-processes.ts";

/** The app and what it started. */
export type Kin = {
  /** Who of them can still run, as far as they can be told from everybody else's processes. */
  readonly members: () => readonly Process[];
};

/** Whose parent, or parent's parent, is one of them. */
const withDescendants = (all: readonly Process[], first: readonly Process[]): readonly Process[] => {
  const found = new Map(first.map((process) => [process.pid, process]));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const process of all) if (found.has(process.parent)) found.set(process.pid, process);
  }
  return [...found.values()];
};

/**
 * Four ways to know them, because each process may leave three: by group or session, which only descendants of the app can be
 * in (`leads`); by descent, as long as no parent in between has ended; by having been seen so before; and, where our parent is
 * an init that runs nothing but us, by being that init's child: a daemon that made a session of its own ends up there. (What
 * `docker exec` starts has a parent outside of the container.) On a host without such an init a daemon that was never seen
 * as a descendant is not found.
 */
export const createKin = (leader: number, leads: (process: Process) => boolean): Kin => {
  const self = process.pid;
  const since = lookAt("self")?.start ?? 0;
  const init = isInit(process.ppid) ? process.ppid : undefined;
  const known = new Map<number, number>();
  const first = lookAt(leader);
  if (first !== undefined) known.set(leader, first.start);
  const isRoot = (one: Process): boolean =>
    one.pid !== self && (leads(one) || known.get(one.pid) === one.start || (one.parent === init && one.start >= since));
  return {
    members: () => {
      const all = listProcesses();
      if (all === undefined) return unseen(leader);
      const members = withDescendants(all, all.filter(isRoot));
      known.clear();
      for (const { pid, start } of members) known.set(pid, start);
      return members;
    },
  };
};

/** Without /proc (no Linux) the group as a whole stands for its members. */
const unseen = (group: number): readonly Process[] =>
  exists(group) ? [{ pid: group, parent: 0, group, session: group, stopped: false, start: 0 }] : [];

const exists = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};
