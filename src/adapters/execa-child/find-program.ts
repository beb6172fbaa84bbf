import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { KgsyncError } from "../../core/errors.ts";

const DEFAULT_PATH = "/bin:/usr/bin"; // execvp(3) without PATH

type Look = "executable" | "absent" | { readonly refused: string };

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const look = (path: string): Look => {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { refused: `${path} is a directory` };
    if (!stat.isFile()) return { refused: `${path} is not a regular file` };
    accessSync(path, constants.X_OK);
    return "executable";
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "absent";
    return { refused: code === "EACCES" ? `${path} may not be executed (EACCES)` : `${path}: ${code}` };
  }
};

const badCwd = (cwd: string): KgsyncError | undefined => {
  try {
    if (!statSync(cwd).isDirectory())
      return new KgsyncError("config-invalid", `working directory ${cwd} is no directory`);
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (cause) {
    // spawn(2) would report a missing cwd as if the program were missing
    const why = codeOf(cause) === "ENOENT" ? "does not exist" : `cannot be entered (${codeOf(cause)})`;
    return new KgsyncError("config-invalid", `working directory ${cwd} ${why}`, { cause });
  }
};

/**
 * The file that execvp(3) would run for `command`, found before anything is downloaded or locked: a mistyped command should
 * cost nothing. `path` is the child's PATH, `cwd` its working directory (relative names are taken from it).
 * Returns, never throws: `command-not-found`, `command-not-executable`, or `config-invalid` for a bad cwd.
 */
export const findProgram = (
  command: string,
  path: string | undefined,
  cwd: string | undefined,
): string | KgsyncError => {
  const cwdProblem = cwd === undefined ? undefined : badCwd(cwd);
  if (cwdProblem !== undefined) return cwdProblem;
  if (command === "") return new KgsyncError("command-not-found", "the command is empty");
  const folders = command.includes("/") ? [""] : (path ?? DEFAULT_PATH).split(":").map((folder) => `${folder || "."}/`);
  let refused: string | undefined;
  for (const folder of folders) {
    const candidate = resolve(cwd ?? ".", folder + command);
    const found = look(candidate);
    if (found === "executable") return candidate;
    if (found !== "absent") refused ??= found.refused;
  }
  if (refused !== undefined) return new KgsyncError("command-not-executable", `cannot run ${command}: ${refused}`);
  const where = command.includes("/") ? "no such file" : "not found in PATH";
  return new KgsyncError("command-not-found", `cannot run ${command}: ${where}`);
};
