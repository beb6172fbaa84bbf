import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { LeaseRequest } from "./parse-lease.ts";
import type { Program } from "./program.ts";

/** `kgsync lease show` and `kgsync lease release`. */
export const lease = async (
  _program: Program,
  _config: Config,
  _log: Log,
  { action }: LeaseRequest,
  _signal: AbortSignal,
): Promise<number> => {
  throw new KgsyncError("usage", `kgsync lease ${action} is not in this version.`);
};
