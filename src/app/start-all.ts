import { type BackupLedger, openBackupLedger } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import { ensureSafeStore } from "./ensure-safe-store.ts";
import { createGraphPusher } from "./graph-pusher.ts";
import type { Io } from "./io.ts";
import { pullBackups } from "./pull-backups.ts";
import type { Pushing } from "./push-all.ts";
import { startGraph } from "./start-graph.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";

/**
 * Everything before the child: the store's probe beside the pull, graph and backups beside each other. Rejects when the app
 * must not start. With `background` the backups are left to the caller, after the child was spawned.
 */
export const startAll = async (io: Io, budget: Budget): Promise<Pushing> => {
  const [folder, ledger] = await Promise.all([openStateFolder(io), openBackupLedger(io)]);
  const probed = ensureSafeStore(io, folder, budget);
  const ready = probed.then(() => undefined);
  ready.catch(() => undefined); // awaited by whoever writes first; if nobody does, by the line below
  const backups = io.rules.backupsPull.kind === "background" ? undefined : bringBackups(io, ledger, budget);
  backups?.catch(() => undefined);
  await startGraph(io, folder, { probed: ready, budget });
  await noteProbe(folder, await probed);
  await backups;
  return { io, folder, ledger, graph: createGraphPusher(io, folder) };
};

/** The pull of the backups with its log line. */
export const bringBackups = async (io: Io, ledger: BackupLedger, budget: Budget): Promise<void> => {
  const startedAt = io.clock.now().mono;
  const pulled = await pullBackups(io, ledger, budget);
  const ms = Math.round(io.clock.now().mono - startedAt);
  if (pulled.listed > 0) io.log.info("pull.backups", "the bucket's backups were looked through", { ...pulled, ms });
};

const noteProbe = async (folder: StateFolder, probedAt: number | undefined): Promise<void> => {
  if (probedAt !== undefined) await folder.replace({ ...folder.current(), probedAt });
};
