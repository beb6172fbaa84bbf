import { resolve } from "node:path";
import { findDocument } from "../app/find-document.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { bringBack } from "./bring-back.ts";
import type { InspectRequest } from "./parse-inspect.ts";
import type { Program } from "./program.ts";

/** `kgsync restore`: makes a version, a backup or a file the bucket's graph. Answers the exit code. */
export const restore = (
  program: Program,
  config: Config,
  log: Log,
  { document, ...options }: Extract<InspectRequest, { command: "restore" }>,
  stop: AbortSignal,
): Promise<number> =>
  bringBack(
    program,
    config,
    log,
    {
      ...options,
      make: (io, _current, budget) => budget.attempt((signal) => findDocument(io, document, resolve(document), signal)),
    },
    stop,
  );
