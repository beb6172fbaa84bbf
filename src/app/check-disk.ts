import { KgsyncError } from "../core/errors.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { reconcile } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * Before a person replaces the bucket's graph: work on the disk that the bucket does not have would be merged into the new one,
 * and nobody was shown that. Answers whether the disk has a graph, which then has to follow. Rejects with `not-durable`.
 */
export const checkDisk = async (
  io: Io,
  folder: StateFolder,
  wanted: Digest,
  budget: Budget,
): Promise<"follows" | "empty"> => {
  const { plan, local, remote } = await reconcile(io, folder, budget, false);
  if (remote.kind === "unreachable") throw remote.error;
  if (local.kind === "valid" && local.sha256 === wanted) return "follows"; // just that is what was chosen
  if (plan.do === "push" || plan.do === "merge" || plan.do === "create")
    throw new KgsyncError("not-durable", `${io.paths.graph} holds what the bucket does not have (${plan.why})`, {
      hint: "Run `kgsync push` first, so that it is in the bucket's history; or leave the disk alone with --bucket-only.",
    });
  return local.kind === "absent" ? "empty" : "follows";
};
