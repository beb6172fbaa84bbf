import { type Budget, createBudget } from "../app/budget.ts";
import { eachDocument } from "../app/each-document.ts";
import { ensureSafeStore } from "../app/ensure-safe-store.ts";
import { finalPush } from "../app/final-push.ts";
import type { Io } from "../app/io.ts";
import { isSet, openDocument } from "../app/open-document.ts";
import { preparePush } from "../app/prepare-push.ts";
import type { Pushing } from "../app/push-all.ts";
import { noteProbe } from "../app/start-all.ts";
import { openStateFolder } from "../app/state-folder.ts";
import { KgsyncError } from "../core/errors.ts";

/** `kgsync push`: disk to bucket, once. Rejects with `not-durable` when local work is not in the bucket afterwards. */
export const push = async (io: Io, allowed: string | undefined, signal: AbortSignal): Promise<number> => {
  const budget = createBudget(io.clock, io.rules.finalTimeout, io.rules.finalTimeout, signal);
  try {
    const probedAt = await ensureSafeStore(io, await openStateFolder(io), budget);
    await eachDocument(io, async (of, document) => {
      const pushing = await openDocument(of, document);
      if (!isSet(document)) await noteProbe(pushing.folder, probedAt);
      const plan = isSet(document) ? "nothing" : await preparePush(of, pushing.folder, budget);
      await pushOne(plan === "push" ? pushing : { ...pushing, graph: unchanged }, allowed, budget);
    });
    io.log.info("push.done", "all local work is in the bucket", { bucket: io.store.name });
    return 0;
  } finally {
    budget.close();
  }
};

const unchanged: Pushing["graph"] = async () => ({ kind: "clean" });

const pushOne = async (pushing: Pushing, allowed: string | undefined, budget: Budget): Promise<void> => {
  const pushed = await finalPush(pushing, budget, { allowed, disk: false });
  // A run prunes between its pushes; where only this command pushes, nobody else would.
  if (pushed.uploadMs !== undefined) await pushing.prune(budget);
  if (pushed.error !== undefined) throw pushed.error;
  if (pushed.data === "unsafe") throw new KgsyncError("not-durable", pushed.why ?? "the time was up");
};
