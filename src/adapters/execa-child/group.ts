import { CONT, FROM_TERMINAL, STOP_SIGNALS } from "../../core/signals.ts";
import type { Terminal } from "./find-terminal.ts";
import { listProcesses, type Process } from "./list-processes.ts";

/** The app and what it started, as far as they can be told from everybody else's processes. */
export type Group = {
  /** Who can still run. */
  readonly members: () => readonly Process[];
  /** To the program's process group; wakes it after a stop signal when a member is stopped. Never throws. */
  readonly send: (signal: number) => void;
  /** Like `send`, to every group that a member is in. */
  readonly sendToAll: (signal: number) => void;
};

const kill = (target: number, signal: number): void => {
  if (target === 0 || target === -1) return; // our own group, and everybody: never
  try {
    process.kill(target, signal);
  } catch {
    // ESRCH: nobody is left, which is what the sender wanted to know or to reach; EPERM: it changed its user
  }
};

const exists = (group: number): boolean => {
  try {
    process.kill(-group, 0);
    return true;
  } catch {
    return false;
  }
};

/** Without /proc (no Linux) the group as a whole stands for its members. */
const unseen = (group: number): readonly Process[] =>
  exists(group) ? [{ pid: group, parent: 0, group, session: group, stopped: false }] : [];

const sendAndWake = (targets: Iterable<number>, signal: number, members: () => readonly Process[]): void => {
  const all = [...targets];
  for (const target of all) kill(target, signal);
  if (!STOP_SIGNALS.includes(signal) || !members().some(({ stopped }) => stopped)) return;
  for (const target of all) kill(target, CONT); // a stopped program would sleep through its stop until KILL
};

/**
 * A session of its own: only descendants can be in it, so whoever is in the session belongs to the app, also after a
 * `setpgid` or a double fork. One that made a session of its own again is not seen.
 */
const ownSession = (leader: number): Group => {
  const members = (): readonly Process[] =>
    listProcesses()?.filter(({ group, session }) => group === leader || session === leader) ?? unseen(leader);
  return {
    members,
    send: (signal) => sendAndWake([-leader], signal, members),
    sendToAll: (signal) => sendAndWake(new Set(members().map(({ group }) => -group)), signal, members),
  };
};

/** Below a nested tini: the app leads the terminal's foreground group. Jobs that a shell put into other groups stay the shell's. */
const foreground = (app: number): Group => {
  const members = (): readonly Process[] => listProcesses()?.filter(({ group }) => group === app) ?? unseen(app);
  const send = (signal: number): void => sendAndWake([-app], signal, members);
  return { members, send, sendToAll: send };
};

/** One process in our own group, which as a group must not be signalled. Once reaped, its pid may be somebody else's. */
const alone = (pid: number, reaped: () => boolean, withheld: readonly number[]): Group => {
  const members = (): readonly Process[] =>
    reaped() ? [] : (listProcesses()?.filter((process) => process.pid === pid) ?? []);
  const send = (signal: number): void => (reaped() ? undefined : sendAndWake([pid], signal, members));
  return { members, send: (signal) => (withheld.includes(signal) ? undefined : send(signal)), sendToAll: send };
};

/** The group of the spawned `pid`; `app` is the program below a nested tini, if it was seen there. */
export const createGroup = (
  terminal: Terminal["kind"],
  pid: number,
  app: number | undefined,
  reaped: () => boolean,
): Group => {
  if (terminal === "none") return ownSession(pid);
  if (terminal === "shared") return alone(pid, reaped, FROM_TERMINAL);
  return app === undefined ? alone(pid, reaped, []) : foreground(app);
};
