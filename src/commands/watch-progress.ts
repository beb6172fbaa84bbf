import type { Config } from "../config/schema.ts";
import type { Progress } from "../ports/progress.ts";
import type { Program } from "./program.ts";

/**
 * The line that tells a person at a terminal what is waited for. `undefined`, and nothing of it is loaded, where a program reads:
 * in a pipe, with `--json` or JSON log lines; and where nothing is to be said, or the terminal cannot take a line back.
 */
export const watchProgress = async (
  { sink, clock, env }: Program,
  { logLevel, logFormat }: Config,
  json: boolean,
): Promise<Progress | undefined> => {
  if (!sink.tty || json || logLevel === "silent" || logFormat === "json" || env["TERM"] === "dumb") return undefined;
  const { createProgressLine } = await import("../app/progress-line.ts");
  return createProgressLine(clock, sink.status);
};
