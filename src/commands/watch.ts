import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Program } from "./program.ts";
import { run } from "./run.ts";

/**
 * `kgsync watch`: the sidecar. `run` without a program, for an app that somebody else starts and stops. Resolves with the exit
 * code. Throws `config-invalid` for settings that only make sense where the app can be stopped.
 */
export const watch = async (program: Program, config: Config, log: Log): Promise<number> => {
  const problems = [
    ...(config.lease ? ["KGSYNC_LEASE=on: who loses the lease has to stop its app"] : []),
    ...(config.onRemoteChange.kind === "ignore"
      ? []
      : ["KGSYNC_ON_REMOTE_CHANGE: the app of another container can be neither started anew nor sent a signal"]),
  ];
  if (problems.length > 0)
    throw new KgsyncError(
      "config-invalid",
      problems.map((problem) => `kgsync watch does without ${problem}`).join("\n"),
      {
        hint: "Leave these settings out here, or start the app by `kgsync run`, which can do both.",
      },
    );
  return run(program, config, log, "beside");
};
