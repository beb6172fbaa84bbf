import { openBackupLedger } from "../app/backup-ledger.ts";
import { createBudget } from "../app/budget.ts";
import { ensureSafeStore } from "../app/ensure-safe-store.ts";
import { finalPush } from "../app/final-push.ts";
import { createGraphPusher } from "../app/graph-pusher.ts";
import type { Io } from "../app/io.ts";
import { preparePush } from "../app/prepare-push.ts";
import { noteProbe } from "../app/start-all.ts";
import { openStateFolder } from "../app/state-folder.ts";
import { createVersionPruner } from "../app/version-pruner.ts";
import { KgsyncError } from "../core/errors.ts";

/** `kgsync push`: disk to bucket, once. Rejects with `not-durable` when local work is not in the bucket afterwards. */
export const push = async (io: Io, allowed: string | undefined, signal: AbortSignal): Promise<number> => {
  const budget = createBudget(io.clock, io.rules.finalTimeout, io.rules.finalTimeout, signal);
  try {
    const [folder, ledger] = await Promise.all([openStateFolder(io), openBackupLedger(io)]);
    await noteProbe(folder, await ensureSafeStore(io, folder, budget));
    const plan = await preparePush(io, folder, budget);
    const graph = plan === "push" ? createGraphPusher(io, folder) : async () => ({ kind: "clean" as const });
    const pushing = { io, folder, ledger, graph, prune: createVersionPruner(io) };
    const pushed = await finalPush(pushing, budget, { allowed, disk: false });
    // A run prunes between its pushes; where only this command pushes, nobody else would.
    if (pushed.uploadMs !== undefined) await pushing.prune(budget);
    if (pushed.error !== undefined) throw pushed.error;
    if (pushed.data === "unsafe") throw new KgsyncError("not-durable", pushed.why ?? "the time was up");
    io.log.info("push.done", "all local work is in the bucket", { bucket: io.store.name });
    return 0;
  } finally {
    budget.close();
  }
};
