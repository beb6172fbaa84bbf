import { toKgsyncError } from "../core/errors.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { pruneVersions } from "./keep-version.ts";

/** Call after every stored put of the graph. Never rejects. */
export type VersionPruner = (budget: Budget) => Promise<void>;

const EVERY = 8;

/** Prunes kept versions after the first stored put of a process and then after every eighth: a LIST costs what puts cost. */
export const createVersionPruner = (io: Io): VersionPruner => {
  let stored = 0;
  return async (budget) => {
    if (io.rules.history === 0 || stored++ % EVERY !== 0) return;
    try {
      const count = await budget.attempt((signal) => pruneVersions(io, signal));
      if (count > 0) io.log.debug("version.pruned", "the oldest kept versions were removed", { count });
    } catch (thrown) {
      io.log.warn("version.not-pruned", "old kept versions could not be removed; the next round tries again", {
        err: toKgsyncError(thrown),
      });
    }
  };
};
