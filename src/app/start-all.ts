import { toKgsyncError } from "../core/errors.ts";
import { type BackupLedger, openBackupLedger } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import { ensureSafeStore } from "./ensure-safe-store.ts";
import { createGraphPusher } from "./graph-pusher.ts";
import type { Io } from "./io.ts";
import { pullBackups } from "./pull-backups.ts";
import type { Pushing } from "./push-all.ts";
import { startBeside } from "./start-beside.ts";
import { startDocuments } from "./start-documents.ts";
import { startGraph } from "./start-graph.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";
import { createVersionPruner } from "./version-pruner.ts";

type StartOptions = {
  readonly onGraphReady?: (() => void) | undefined;
  readonly claim?: ((io: Io, folder: StateFolder) => Promise<void>) | undefined;
  readonly beside?: boolean | undefined;
};

/**
 * Everything before the child: the graph, the backups and the store's probe beside each other (in this order: the
 * first GET is what the others are made after, and the listing is what most waits for). Rejects when the app must not start. With `background` the backups are left to the caller,
 * after the child was spawned. `onGraphReady`: the graph is settled, and what is left is waiting for the bucket. `claim`: what
 * must have been written to the bucket before anything is compared with it. `beside`: the app may be running already.
 */
export const startAll = async (
  io: Io,
  budget: Budget,
  { onGraphReady, claim, beside }: StartOptions = {},
): Promise<Pushing> => {
  const [folder, ledger] = await Promise.all([openStateFolder(io), openBackupLedger(io)]);
  let probed: ReturnType<typeof ensureSafeStore> | undefined;
  const probe = () => (probed ??= ensureSafeStore(io, folder, budget));
  const ready = async (): Promise<void> => noteProbe(folder, await probe());
  const start = beside === true ? startBeside : startGraph;
  const seenAt = () => probe().catch(() => folder.current().probedAt);
  const compare = () => start(io, folder, { probed: ready, seenAt, budget, child: true });
  // The claim is a put: not before it is known whether the store honours conditions.
  const graph =
    claim === undefined
      ? compare()
      : ready()
          .then(() => claim(io, folder))
          .then(compare);
  const backups = io.rules.backupsPull.kind === "background" ? undefined : bringBackups(io, ledger, budget);
  backups?.catch(() => undefined); // awaited at the end; a refusal of the graph is the better news
  probe().catch(() => undefined); // awaited by whoever writes first; if nobody does, by the line below
  const documents = io.paths.documents ?? [];
  const others =
    documents.length === 0
      ? undefined
      : startDocuments(io, documents, {
          probed: async (of) => noteProbe(of, await probe()),
          bring: (of, known) => bringBackups(of, known, budget).catch((thrown: unknown) => tolerate(of, thrown)),
          claim,
          start,
          budget,
        });
  const quiet = others?.catch(() => undefined); // awaited at the end; the graph's refusal is the better news
  await graph.finally(() => quiet); // not one is left at work behind a refusal: an app may be started all the same
  onGraphReady?.();
  await ready();
  await backups?.catch((thrown: unknown) => tolerate(io, thrown));
  const pushing = { io, folder, ledger, graph: createGraphPusher(io, folder), prune: createVersionPruner(io) };
  return { ...pushing, others: await others };
};

/** Who may start without the bucket may start without its backups: they are an addition, never a ground to decide on. */
const tolerate = (io: Io, thrown: unknown): void => {
  const err = toKgsyncError(thrown);
  if (io.rules.onUnreachable !== "local" || err.code !== "bucket-unavailable") throw err;
  io.log.warn("pull.backups-failed", "not all backups came down", { err });
};

/** The pull of the backups with its log line. */
export const bringBackups = async (io: Io, ledger: BackupLedger, budget: Budget): Promise<void> => {
  const startedAt = io.clock.now().mono;
  const pulled = await pullBackups(io, ledger, budget);
  const ms = Math.round(io.clock.now().mono - startedAt);
  if (pulled.downloaded > 0)
    io.metrics?.note({ type: "backups", direction: "down", files: pulled.downloaded, bytes: pulled.bytes });
  if (pulled.listed > 0) io.log.info("pull.backups", "the bucket's backups were looked through", { ...pulled, ms });
};

/** What the probe said of this store replaces what was known of it, or of another. */
export const noteProbe = async (folder: StateFolder, probedAt: number | undefined): Promise<void> => {
  if (probedAt !== folder.current().probedAt) await folder.replace({ ...folder.current(), probedAt });
};
