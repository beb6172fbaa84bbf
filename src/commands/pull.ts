import { createBudget } from "../app/budget.ts";
import { eachDocument } from "../app/each-document.ts";
import type { Io } from "../app/io.ts";
import { isSet, openDocument } from "../app/open-document.ts";
import { pullGraph } from "../app/pull-graph.ts";
import { bringBackups } from "../app/start-all.ts";

/** `kgsync pull`: bucket to disk. Local work that the bucket does not have is never overwritten. */
export const pull = async (io: Io, signal: AbortSignal): Promise<number> => {
  const budget = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout, signal);
  try {
    await eachDocument(io, async (of, document) => {
      const { folder, ledger } = await openDocument(of, document);
      if (!isSet(document)) await pullGraph(of, folder, budget);
      await bringBackups(of, ledger, budget);
    });
    return 0;
  } finally {
    budget.close();
  }
};
