import type { Io } from "../app/io.ts";
import { ownedIo } from "../app/owned-io.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import { buildIo, recoverFiles } from "./build-io.ts";
import { findLocks } from "./find-locks.ts";
import { ioOfDocument } from "./io-of-document.ts";
import { ownFiles } from "./own-files.ts";
import type { Program } from "./program.ts";
import { checkLayout, resolvePaths } from "./resolve-paths.ts";

/** A person at a prompt may wait for long: a container's kgsync ends when its app does. */
const INSTEAD = "`kgsync sync` asks the one that runs to push now; --on-local-busy=fail ends instead of waiting";

/** Runs a one-shot command on the files while it owns them, and lets them go whatever happens. */
export const withFiles = async (
  program: Program,
  config: Config,
  log: Log,
  signal: AbortSignal,
  work: (io: Io) => Promise<number>,
): Promise<number> => {
  const paths = resolvePaths(config);
  checkLayout(config, paths);
  const { io } = await buildIo(program, config, paths, log);
  const owned = await ownFiles(await findLocks(program, paths, log), config.onLocalBusy, log, signal, INSTEAD);
  if (owned === undefined) throw new KgsyncError("local-busy", `stopped while waiting for ${paths.state}`);
  try {
    await recoverFiles(paths, log);
    return await work(
      ioOfDocument(
        ownedIo(io, owned, () => undefined),
        program,
      ),
    );
  } finally {
    await owned.release();
    io.store.close();
  }
};
