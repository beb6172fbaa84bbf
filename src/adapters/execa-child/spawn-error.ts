import { KgsyncError } from "../../core/errors.ts";
import type { ChildCommand } from "../../ports/child.ts";
import { findProgram } from "./find-program.ts";

const MEANING: Readonly<Record<string, string>> = {
  EACCES: "it may not be executed",
  ENOEXEC: "it is not a program for this machine",
  E2BIG: "its arguments and environment are too long",
  EAGAIN: "the limit of processes is reached (pids limit or ulimit -u)",
  ENOMEM: "there is not enough memory to start it",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open on this machine",
  ETXTBSY: "somebody is writing the program's file",
};

/**
 * Why execve(2) failed, after `findProgram` had found the file: 127 when something is missing, else 126, as shells and tini do.
 * ENOENT of a file that is there means the interpreter of its `#!` line, or its dynamic loader (a glibc program on musl).
 */
export const spawnError = (command: ChildCommand, code: string | undefined, cause: unknown): KgsyncError => {
  const [name] = command.argv;
  const found = findProgram(name, command.env["PATH"], command.cwd);
  if (typeof found !== "string") return found;
  if (code === "ENOENT") {
    return new KgsyncError(
      "command-not-found",
      `cannot run ${name}: ${found} is there, but its interpreter or dynamic loader is missing`,
      { cause, hint: "Look at the file's #! line, or whether it was built for another C library (glibc, musl)." },
    );
  }
  const why = MEANING[code ?? ""] ?? (cause instanceof Error ? cause.message : String(cause));
  return new KgsyncError(
    "command-not-executable",
    `cannot run ${name}: ${why}${code === undefined ? "" : ` (${code})`}`,
    {
      cause,
    },
  );
};
