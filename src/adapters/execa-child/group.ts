import { CONT, FROM_TERMINAL } from "../../core/signals.ts";
import type { Terminal } from "./find-terminal.ts";
import { createKin } from "./kin.ts";
import { lookAt, type Process } from "./list-processes.ts";

/** The app and what it started, to be signalled. */
export type Group = {
  /** Who can still run. */
  readonly members: () => readonly Process[];
  /** To the program's process group; wakes it after a stop signal when a member is stopped. Never throws. */
  readonly send: (signal: number) => void;
  /** Like `send`, to every group that a member is in. */
  readonly sendToAll: (signal: number) => void;
  readonly leader: number;
  /** The program is in a group that is not its own, and only it is signalled. */
  readonly alone: boolean;
};

const kill = (target: number, signal: number): void => {
  if (target === 0 || target === -1) return; // our own group, and everybody: never
  try {
    process.kill(target, signal);
  } catch {
    // ESRCH: nobody is left, which is what the sender wanted to know or to reach; EPERM: it changed its user
  }
};

const tell = (targets: Iterable<number>, signal: number, wake: boolean, members: Group["members"]): void => {
  const all = [...targets];
  const asleep = wake && members().some(({ stopped }) => stopped); // before: the one that dies of it is somebody's parent
  for (const target of all) kill(target, signal);
  if (asleep) for (const target of all) kill(target, CONT); // it would sleep through its stop until KILL
};

type GroupOptions = {
  readonly terminal: Terminal["kind"];
  /** What was spawned. */
  readonly pid: number;
  /** The program below a nested tini, if it was seen there. */
  readonly app: number | undefined;
  /** Whether what was spawned has ended: its pid may be somebody else's by now. */
  readonly reaped: () => boolean;
  /** Signals that ask the program to end. A stopped one would not notice before it is woken. */
  readonly wakes: ReadonlySet<number>;
};

/**
 * Whom a signal goes to. Without a terminal the app leads a session and a group; below a nested tini it leads the terminal's
 * foreground group, and jobs that a shell puts into other groups are the shell's to signal. Else it is in our own group, which
 * must not be signalled as a group, and the terminal itself sends it some signals.
 */
export const createGroup = ({ terminal, pid, app, reaped, wakes }: GroupOptions): Group => {
  const leader = app ?? pid;
  const alone = terminal === "shared" || (terminal === "nested" && app === undefined);
  const { members } = createKin(
    leader,
    (one) => !alone && (one.group === leader || (terminal === "none" && one.session === leader)),
  );
  const own = lookAt("self")?.group;
  const all = (): ReadonlySet<number> =>
    new Set(members().map((one) => (one.group === own || (alone && one.pid === pid) ? one.pid : -one.group)));
  return {
    leader,
    alone,
    members,
    send: (signal) => {
      if (alone && reaped()) return;
      if (terminal === "shared" && FROM_TERMINAL.includes(signal)) return;
      tell([alone ? leader : -leader], signal, wakes.has(signal), members);
    },
    sendToAll: (signal) => tell(all(), signal, wakes.has(signal), members),
  };
};
