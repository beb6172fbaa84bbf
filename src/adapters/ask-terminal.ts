import { createInterface } from "node:readline/promises";
import { isatty } from "node:tty";

/** Whether somebody sits there who can be asked. */
export const canAsk = (): boolean => isatty(0) && isatty(2);

/**
 * Asks on standard error and reads a line; anything but `y` or `yes` is a no, the end of the input and `signal` too. For commands
 * that start no child: its standard input is the app's.
 */
export const askTerminal = async (question: string, signal: AbortSignal): Promise<boolean> => {
  // Not as a terminal: its keys stay the system's, so that Ctrl-C is a signal as anywhere.
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    const answer = await Promise.race([lines.question(question, { signal }).catch(() => ""), ended]);
    return /^\s*y(?:es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
};
