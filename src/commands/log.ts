import { listHistory } from "../app/list-history.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import type { InspectRequest } from "./parse-inspect.ts";
import type { Program } from "./program.ts";
import { renderLog, renderLogJson } from "./render-log.ts";
import { useColour } from "./use-colour.ts";
import { withBucket } from "./with-bucket.ts";

/** `kgsync log`: what the bucket holds, newest first. Resolves with the exit code. */
export const log = (
  program: Program,
  config: Config,
  lines: Log,
  { limit, json }: Extract<InspectRequest, { command: "log" }>,
  stop: AbortSignal,
): Promise<number> =>
  withBucket(program, config, lines, stop, async (io, signal) => {
    const history = await listHistory(io, limit, signal);
    const { name } = io.store;
    program.print(json ? renderLogJson(name, history) : renderLog(name, history, useColour(program.env)));
    return 0;
  });
