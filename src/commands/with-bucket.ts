import type { Io } from "../app/io.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { buildIo } from "./build-io.ts";
import { ioOfDocument } from "./io-of-document.ts";
import type { Program } from "./program.ts";
import { resolvePaths } from "./resolve-paths.ts";

/**
 * For commands that look at both sides and may do so beside a running app: the files are not owned, so nothing may be written
 * to them. `signal` ends all requests together when KGSYNC_START_TIMEOUT is up.
 */
export const withBucket = async <T>(
  program: Program,
  config: Config,
  log: Log,
  stop: AbortSignal,
  work: (io: Io, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const { io } = await buildIo(program, config, resolvePaths(config), log);
  const limit = program.clock.timeout(config.startTimeout, stop);
  try {
    return await work(ioOfDocument(io, program), limit.signal);
  } finally {
    limit.cancel();
    io.store.close();
  }
};
