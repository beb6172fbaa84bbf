import type { KgsyncError } from "../core/errors.ts";
import type { DataSafety } from "../core/lifecycle-types.ts";
import type { BackupLedger } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import type { GraphPusher } from "./graph-pusher.ts";
import type { Io } from "./io.ts";
import { pushBackups } from "./push-backups.ts";
import type { GraphPush, PushGraphOptions } from "./push-outcome.ts";
import type { StateFolder } from "./state-folder.ts";
import type { VersionPruner } from "./version-pruner.ts";

/** What a look at both came to. `retry`: a later look may do better without anything changing on disk. */
export type Pushed = {
  readonly data: DataSafety;
  /** What became of the graph. `merged`: stored, together with what others had changed. */
  readonly graph: GraphPush["kind"] | "merged";
  /** Backups that were uploaded. */
  readonly backups: number;
  readonly retry: "none" | "soon" | "later";
  /** Why the data is not safe, in words. */
  readonly why: string | undefined;
  readonly error: KgsyncError | undefined;
  /** How long a stored graph took: the stop plan reserves time by it. */
  readonly uploadMs: number | undefined;
};

export type Pushing = {
  readonly io: Io;
  readonly folder: StateFolder;
  readonly ledger: BackupLedger;
  readonly graph: GraphPusher;
  readonly prune: VersionPruner;
  /** The documents beside the graph; absent: none. */
  readonly others?: readonly Pushing[] | undefined;
};

/** The graph first: it is what cannot be made again. Then the backups; a failure of the one does not stop the other. */
export const pushAll = async (
  { io, folder, ledger, graph, prune }: Pushing,
  options: PushGraphOptions,
  budget: Budget,
): Promise<Pushed> => {
  const startedAt = io.clock.now().mono;
  const pushed = await graph(options, budget);
  const uploadMs = pushed.kind === "stored" ? io.clock.now().mono - startedAt : undefined;
  if (pushed.kind === "stored")
    io.log.info("push.stored", "the graph is in the bucket", {
      bytes: pushed.bytes,
      ms: Math.round(uploadMs ?? 0),
      ...versions(folder),
    });
  const backups = await pushBackups(io, ledger, options.final, budget);
  if (backups.uploaded > 0) {
    io.metrics?.note({ type: "backups", direction: "up", files: backups.uploaded, bytes: backups.bytes });
    io.log.info("push.backups", "backups are in the bucket", { files: backups.uploaded, bytes: backups.bytes });
  }
  if (pushed.kind === "stored" && !options.final) await prune(budget);
  const why = reason(pushed) ?? backups.error?.message;
  const error = pushed.kind === "failed" ? pushed.error : backups.error;
  const waiting = pushed.kind === "waiting" || backups.waiting > 0;
  const safe = why === undefined && pushed.kind !== "waiting" && !(options.final && backups.waiting > 0);
  return {
    data: safe ? "safe" : "unsafe",
    graph: pushed.kind === "stored" && isMerged(folder) ? "merged" : pushed.kind,
    backups: backups.uploaded,
    retry: error === undefined ? (waiting ? "soon" : "none") : "later",
    why,
    error,
    uploadMs,
  };
};

/** What the bucket holds now, and what the app had saved, where that is another: they were merged. */
const versions = (folder: StateFolder) => {
  const { base, remote } = folder.current();
  const local = base.kind === "content" ? base.sha256 : undefined;
  return { sha256: remote?.sha256, ...(isMerged(folder) ? { local } : {}) };
};

const isMerged = (folder: StateFolder): boolean => {
  const { base, remote } = folder.current();
  return (base.kind === "content" ? base.sha256 : undefined) !== remote?.sha256;
};

const reason = (pushed: GraphPush): string | undefined => {
  switch (pushed.kind) {
    case "held":
      return pushed.key === undefined ? pushed.why : `${pushed.why}; it is kept in the bucket as ${pushed.key}`;
    case "failed":
      return pushed.error.message;
    default:
      return undefined;
  }
};
