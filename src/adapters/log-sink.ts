import { isatty } from "node:tty";
import type { Clock } from "../ports/clock.ts";
import { openOutlet } from "./log-outlet.ts";

/** Where finished log lines go. Nothing here blocks or throws. */
export type LogSink = {
  /** Whether a person may be looking. */
  readonly tty: boolean;
  /** Takes one line with its newline. `reported`: how many dropped lines this line tells of; they are then accounted for. */
  readonly write: (line: string, reported?: number) => void;
  /**
   * Shows a text without a newline, for a terminal only, in place of the one before; an empty text takes it away, and so does
   * the next line. Not shown while anything waits to be written.
   */
  readonly status: (text: string) => void;
  /** How many lines were dropped and not yet reported. */
  readonly dropped: () => number;
  /** Waits, at most `ms`, until what is queued is written; 0 tries once. */
  readonly flush: (ms: number) => Promise<void>;
  /** Whether a write hangs in a thread, and `process.exit` would hang with it. */
  readonly stuck: () => boolean;
};

const MAX_QUEUED_BYTES = 256 * 1024;
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1000;
const FLUSH_LOOK_MS = 5;

/** ECMA-48 EL: erases to the end of the line. */
const ERASE = "\r\u001b[K";
/** DECAWM off and on: what is wider than the terminal is cut off. Wrapped, it could not be taken back. */
const unwrapped = (text: string): string => `\u001b[?7l${text}\u001b[?7h`;

/**
 * Writes lines to a descriptor, one write(2) each. What a full pipe does not take waits in a queue of 256 KB and is tried
 * again by timer; beyond that lines are dropped and counted: a log may never hold up the work.
 */
export const createLogSink = ({ clock, fd = 2 }: { readonly clock: Clock; readonly fd?: number }): LogSink => {
  let queue: Buffer[] = [];
  let queued = 0;
  let dropped = 0;
  let retry: (() => void) | undefined;
  let shown = false;

  const drain = (): void => {
    for (let head = queue.shift(); head !== undefined; head = queue.shift()) {
      const rest = outlet.write(head);
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
  const outlet = openOutlet(fd, drain);
  const retryLater = (ms: number): void => {
    retry = clock.after(ms, () => {
      retry = undefined;
      drain();
      if (queue.length > 0) retryLater(Math.min(ms * 2, LONGEST_RETRY_MS));
    });
  };
  /** Answers whether it is written, or will be. */
  const send = (text: string): boolean => {
    const bytes = Buffer.from(text);
    const rest = queue.length === 0 ? outlet.write(bytes) : bytes; // never past a waiting line
    if (rest === "gone" || queued + rest.length > MAX_QUEUED_BYTES) return false;
    if (rest.length === 0) return true;
    queue.push(rest);
    queued += rest.length;
    if (retry === undefined) retryLater(FIRST_RETRY_MS);
    return true;
  };
  return {
    tty: isatty(fd),
    write: (line, reported = 0) => {
      if (!send(shown ? `${ERASE}${line}` : line)) {
        dropped += 1;
        return;
      }
      shown = false;
      dropped -= reported;
    },
    status: (text) => {
      if (text === "" ? shown && send(ERASE) : queue.length === 0 && send(`${ERASE}${unwrapped(text)}`))
        shown = text !== "";
    },
    dropped: () => dropped,
    flush: async (ms) => {
      const end = clock.now().mono + ms;
      drain();
      while ((queue.length > 0 || outlet.busy()) && clock.now().mono < end) {
        await clock.sleep(FLUSH_LOOK_MS);
        drain();
      }
    },
    stuck: outlet.busy,
  };
};
