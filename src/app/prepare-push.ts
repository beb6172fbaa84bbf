import { KgsyncError } from "../core/errors.ts";
import { applyStart } from "./apply-start.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { noteRemote } from "./learn-remote.ts";
import { reconcile } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * Compares both sides before the `push` command writes: what is newer in the bucket is told, not overwritten. A latched
 * guard does not turn the push into a pull here: the push itself asks the guard, which a person can answer.
 */
export const preparePush = async (io: Io, folder: StateFolder, budget: Budget): Promise<"push" | "nothing"> => {
  const found = await reconcile(io, folder, budget, false);
  const { plan } = found;
  switch (plan.do) {
    case "push":
      return "push";
    case "merge":
      if (found.remote.kind === "valid") await noteRemote(io, folder, folder.current(), found.remote);
      return "push";
    case "create":
      await folder.replace({ ...folder.current(), remote: undefined });
      return "push";
    case "start-local":
      if (found.remote.kind === "unreachable") throw found.remote.error;
      return "nothing";
    case "pull":
      if (found.local.kind === "damaged")
        throw new KgsyncError("graph-invalid", `${plan.why} (${io.paths.graph}), so it is not pushed`);
      io.log.warn("push.remote-newer", "the bucket's graph is newer than the one on disk; `kgsync pull` brings it", {
        why: plan.why,
      });
      return "nothing";
    case "start-empty":
      io.log.info("push.nothing", "neither side has a graph yet", { graph: io.paths.graph });
      return "nothing";
    default:
      await applyStart(io, folder, found, { probed: async () => undefined, budget, child: false });
      return "nothing";
  }
};
