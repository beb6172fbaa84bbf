import { createNodeFileTree } from "../adapters/node-file-tree/node-file-tree.ts";
import { createBudget } from "../app/budget.ts";
import { includedPlace } from "../app/keys.ts";
import { planPrune, prune as pruneBucket } from "../app/prune-bucket.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { createInspect } from "./build-io.ts";
import { openStore } from "./open-store.ts";
import type { PruneRequest } from "./parse-prune.ts";
import type { Program } from "./program.ts";
import { findLocalBackups, removeLocalBackups } from "./remove-local-backups.ts";
import { renderPrune } from "./render-prune.ts";
import { graphOf, resolvePaths } from "./resolve-paths.ts";

/** The longest that one request may take; all together have KGSYNC_START_TIMEOUT. */
const ATTEMPT_MS = 60_000;

/**
 * `kgsync prune`: removes the oldest kept versions, and with `--keep-backups` the oldest backups, from the bucket and from this
 * disk. Needs no lock: nothing that it removes is written to by anybody. Resolves with the exit code.
 */
export const prune = async (
  program: Program,
  config: Config,
  log: Log,
  { dryRun, json, keepBackups }: PruneRequest,
  signal: AbortSignal,
): Promise<number> => {
  const { store } = await openStore(program, config, log);
  const budget = createBudget(program.clock, config.startTimeout, ATTEMPT_MS, signal);
  try {
    const io = { store, inspect: createInspect(program, config), document: graphOf(config) };
    const { backups: folder, documents = [] } = resolvePaths(config);
    const graph = await planPrune(io, { keepVersions: config.history, keepBackups }, budget);
    const others = await Promise.all(
      documents.map(({ name }) =>
        planPrune(
          { ...io, document: includedPlace("replace", name) },
          { keepVersions: config.history, keepBackups: undefined },
          budget,
        ),
      ),
    );
    const plan = { ...graph, versions: [graph, ...others].flatMap(({ versions }) => versions) };
    const names = new Set(plan.backups.map(({ name }) => name.slice(io.document.backups.length)));
    const disk = { files: createNodeFileTree({ journalFolder: "" }), rules: config };
    const local = folder === undefined || names.size === 0 ? [] : await findLocalBackups(disk, folder, names);
    if (!dryRun) {
      program.progress?.expect("removing", plan.versions.length + plan.backups.length);
      await pruneBucket(io, plan, budget, ({ name }) => log.debug("prune.removed", "removed", { name }));
      if (folder !== undefined) await removeLocalBackups(disk, folder, new Set(local));
    }
    program.print(renderPrune({ plan, local, dryRun, json, store: store.name }));
    return 0;
  } finally {
    budget.close();
    store.close();
  }
};
