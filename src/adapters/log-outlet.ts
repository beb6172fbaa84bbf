import { constants, fstatSync, openSync, write, writeSync } from "node:fs";

/** A descriptor that lines are written to. Nothing here blocks or throws. */
export type Outlet = {
  /** Answers what is left of the bytes: nothing, some (it is full), or `gone` when nobody will ever read them. */
  readonly write: (bytes: Buffer) => Buffer | "gone";
  /** Whether something was taken that the system does not have yet. While it is so, `process.exit` would wait for it. */
  readonly busy: () => boolean;
};

const OWN = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND | constants.O_NOCTTY;

const isFull = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "EAGAIN";

const writeNow = (fd: number): Outlet => ({
  write: (bytes) => {
    try {
      return bytes.subarray(writeSync(fd, bytes));
    } catch (cause) {
      return isFull(cause) ? bytes : "gone";
    }
  },
  busy: () => false,
});

/** One write at a time in a thread of Node's pool, which then waits in our place. `freed`: another may follow. */
const writeBeside = (fd: number, freed: () => void): Outlet => {
  let left: Buffer | undefined;
  let gone = false;
  const next = (bytes: Buffer): void => {
    left = bytes;
    write(fd, bytes, (cause, count) => {
      if (cause !== null && !isFull(cause)) gone = true;
      const rest = bytes.subarray(cause === null ? count : bytes.length); // full all the same: somebody else's O_NONBLOCK
      if (rest.length > 0 && !gone) return next(rest);
      left = undefined;
      freed();
    });
  };
  return {
    write: (bytes) => {
      if (gone) return "gone";
      if (left !== undefined) return bytes;
      next(bytes);
      return bytes.subarray(bytes.length);
    },
    busy: () => left !== undefined,
  };
};

/**
 * The outlet for a descriptor that is shared with the app. Made non-blocking it loses the app's output; left blocking, an
 * unread log stalls us, and no SIGTERM is forwarded any more. So a pipe or terminal is opened again, as a description of our
 * own; a socket (journald, a parent that is a Node program) cannot be, and is written to beside us; a regular file never
 * blocks. `freed`: called when an outlet that was full can take more and did not show it.
 */
export const openOutlet = (fd: number, freed: () => void): Outlet => {
  try {
    const stat = fstatSync(fd);
    if (stat.isSocket()) return writeBeside(fd, freed);
    return writeNow(stat.isFIFO() || stat.isCharacterDevice() ? openSync(`/proc/self/fd/${fd}`, OWN) : fd);
  } catch {
    return writeNow(fd);
  }
};
