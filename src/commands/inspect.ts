import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { conflicts } from "./conflicts.ts";
import { diff } from "./diff.ts";
import { log as showLog } from "./log.ts";
import type { InspectRequest } from "./parse-inspect.ts";
import type { Program } from "./program.ts";
import { restore } from "./restore.ts";

/** The commands that look into a bucket and bring back. Resolves with the exit code. */
export const inspect = (
  given: Program,
  config: Config,
  log: Log,
  request: InspectRequest,
  stop: AbortSignal,
): Promise<number> => {
  const program = request.of === undefined ? given : { ...given, document: request.of };
  switch (request.command) {
    case "diff":
      return diff(program, config, log, request, stop);
    case "log":
      return showLog(program, config, log, request, stop);
    case "restore":
      return restore(program, config, log, request, stop);
    case "conflicts":
      return conflicts(program, config, log, request, stop);
  }
};
