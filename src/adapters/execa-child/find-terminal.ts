import { closeSync, openSync } from "node:fs";
import { isatty } from "node:tty";
import { findProgram } from "./find-program.ts";
import { isInit } from "./is-init.ts";
import { lookAt } from "./list-processes.ts";

/**
 * Who delivers the keyboard's signals. `none`: no terminal; the app gets a session of its own.
 * `nested`: the app is the foreground group, made by the named tini; the terminal's signals never reach us.
 * `shared`: the app stays in our group and the terminal sends INT, QUIT, TSTP and WINCH to both.
 */
export type Terminal =
  | { readonly kind: "none" }
  | { readonly kind: "nested"; readonly tini: string }
  | { readonly kind: "shared" };

const hasTerminal = (): boolean => {
  if (!isatty(0)) return false; // not process.stdin.isTTY: that opens the stream and makes the app's stdin non-blocking
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false; // a terminal that is not our controlling one sends no signals
  }
};

/**
 * Whether a shell with job control may have started us: somebody leads the terminal's session who is neither we nor the init
 * in front of us. Its Ctrl-Z, `fg` and `bg` are for our group, and the app must be in it.
 */
const isJob = (): boolean => {
  const session = lookAt("self")?.session ?? 0;
  return session !== 0 && session !== process.pid && !isInit(session);
};

/**
 * Looks at stdin and, on a terminal, for tini in `path` (the PATH variable) and beside the program. On a terminal INT and QUIT
 * are no stop signals.
 */
export const findTerminal = (path: string | undefined): Terminal => {
  if (!hasTerminal()) return { kind: "none" };
  const tini = isJob() ? undefined : findProgram("tini", `${path}:${import.meta.dirname}`, undefined);
  return typeof tini === "string" ? { kind: "nested", tini } : { kind: "shared" };
};
