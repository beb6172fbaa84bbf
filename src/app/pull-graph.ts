import { KgsyncError } from "../core/errors.ts";
import { applyStart } from "./apply-start.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { mergeToDisk } from "./merge-to-disk.ts";
import { reconcile } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * Bucket to disk, for the `pull` command: the rows of the start table that write to the disk are done, those that would
 * write to the bucket are only told. Where both sides have changed, the disk gets both, and ours is still to be pushed.
 */
export const pullGraph = async (io: Io, folder: StateFolder, budget: Budget): Promise<void> => {
  const found = await reconcile(io, folder, budget, false);
  const { plan } = found;
  switch (plan.do) {
    case "create":
    case "push":
      return io.log.warn(
        "pull.local-newer",
        "the graph on disk is newer than the bucket's; `kgsync push` brings it there",
        { why: plan.why },
      );
    case "merge":
      return mergeToDisk(io, folder, found, budget);
    case "start-empty":
      return io.log.info("pull.nothing", "neither side has a graph yet");
    case "replace-invalid":
      throw new KgsyncError("graph-invalid", `${plan.why}; \`kgsync run\` would fall back, a pull does not`);
    case "start-local":
      if (found.remote.kind === "unreachable") throw found.remote.error;
      return;
    default:
      await applyStart(io, folder, found, { probed: async () => undefined, budget, child: false });
      return io.log.info("pull.done", "the graph on disk is the bucket's", { bucket: io.store.name });
  }
};
