import { openBackupLedger } from "../app/backup-ledger.ts";
import { createBudget } from "../app/budget.ts";
import type { Io } from "../app/io.ts";
import { pullGraph } from "../app/pull-graph.ts";
import { bringBackups } from "../app/start-all.ts";
import { openStateFolder } from "../app/state-folder.ts";

/** `kgsync pull`: bucket to disk. Local work that the bucket does not have is never overwritten. */
export const pull = async (io: Io, signal: AbortSignal): Promise<number> => {
  const budget = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout, signal);
  try {
    const [folder, ledger] = await Promise.all([openStateFolder(io), openBackupLedger(io)]);
    await pullGraph(io, folder, budget);
    await bringBackups(io, ledger, budget);
    return 0;
  } finally {
    budget.close();
  }
};
