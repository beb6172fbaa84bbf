import { constants, fstatSync, openSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { Clock } from "../ports/clock.ts";

/** Where finished log lines go. Nothing here blocks or throws. */
export type LogSink = {
  /** Whether a person may be looking. */
  readonly tty: boolean;
  /** Takes one line with its newline. `reported`: how many dropped lines this line tells of; they are then accounted for. */
  readonly write: (line: string, reported?: number) => void;
  /** How many lines were dropped and not yet reported. */
  readonly dropped: () => number;
  /** Waits, at most `ms`, until what is queued is written; 0 tries once. */
  readonly flush: (ms: number) => Promise<void>;
};

const MAX_QUEUED_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1000;
const FLUSH_LOOK_MS = 5;
const OWN = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND | constants.O_NOCTTY;

/**
 * An open file description of our own for a pipe or terminal. The one behind fd 2 is shared with the app: made non-blocking
 * it loses the app's output, left blocking an unread pipe stalls us, and no SIGTERM is forwarded any more. Sockets cannot
 * be opened again, and regular files never block: they are written through fd 2 as it is.
 */
const openOwn = (fd: number): number => {
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isCharacterDevice() ? openSync(`/proc/self/fd/${fd}`, OWN) : fd;
  } catch {
    return fd;
  }
};

/** What is left of the bytes: nothing, all (full), or `gone` when nobody will ever read them. */
const attempt = (fd: number, bytes: Buffer): Buffer | "gone" => {
  try {
    return bytes.subarray(writeSync(fd, bytes));
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EAGAIN" ? bytes : "gone";
  }
};

/**
 * Writes lines to a descriptor, one write(2) each. What a full pipe does not take waits in a queue of 256 KB and is tried
 * again by timer; beyond that lines are dropped and counted: a log may never hold up the work.
 */
export const createLogSink = ({ clock, fd = 2 }: { readonly clock: Clock; readonly fd?: number }): LogSink => {
  const own = openOwn(fd);
  let queue: Buffer[] = [];
  let queued = 0;
  let dropped = 0;
  let retry: (() => void) | undefined;

  const drain = (): void => {
    for (let head = queue.shift(); head !== undefined; head = queue.shift()) {
      const rest = attempt(own, head);
      if (rest === "gone") {
        dropped += queue.length + 1;
        queue = [];
        queued = 0;
        return;
      }
      queued -= head.length - rest.length;
      if (rest.length === 0) continue;
      queue.unshift(rest); // of a line that was begun the rest must follow
      return;
    }
  };
  const retryLater = (ms: number): void => {
    retry = clock.after(ms, () => {
      retry = undefined;
      drain();
      if (queue.length > 0) retryLater(Math.min(ms * 2, LONGEST_RETRY_MS));
    });
  };
  return {
    tty: isatty(fd),
    write: (line, reported = 0) => {
      const bytes = Buffer.from(line);
      const rest = queue.length === 0 ? attempt(own, bytes) : bytes; // never past a waiting line
      if (rest === "gone" || queued + rest.length > MAX_QUEUED_BYTES) {
        dropped += 1;
        return;
      }
      dropped -= reported;
      if (rest.length === 0) return;
      queue.push(rest);
      queued += rest.length;
      if (retry === undefined) retryLater(FIRST_RETRY_MS);
    },
    dropped: () => dropped,
    flush: async (ms) => {
      const end = clock.now().mono + ms;
      drain();
      while (queue.length > 0 && clock.now().mono < end) {
        await clock.sleep(FLUSH_LOOK_MS);
        drain();
      }
    },
  };
};
