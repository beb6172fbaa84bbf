import type { IncludedDocument } from "../core/document.ts";
import { toKgsyncError } from "../core/errors.ts";
import type { Apply } from "./apply-start.ts";
import type { BackupLedger } from "./backup-ledger.ts";
import type { Budget } from "./budget.ts";
import { documentIo, errorOf } from "./document-io.ts";
import type { Io } from "./io.ts";
import { isSet, openDocument } from "./open-document.ts";
import type { Pushing } from "./push-all.ts";
import { isRefusal } from "./readonly-io.ts";
import { noteChild } from "./start-graph.ts";
import type { StateFolder } from "./state-folder.ts";

export type StartDocuments = {
  /** Resolves when the store may be written to, and that is noted; one probe is for all documents. */
  readonly probed: (folder: StateFolder) => Promise<void>;
  /** Brings a set down. */
  readonly bring: (io: Io, ledger: BackupLedger) => Promise<void>;
  readonly claim: ((io: Io, folder: StateFolder) => Promise<void>) | undefined;
  /** What brings both sides of one together. */
  readonly start: (io: Io, folder: StateFolder, apply: Apply) => Promise<void>;
  readonly budget: Budget;
};

/**
 * Brings the documents beside the graph to the disk, each as the graph is, all at once. Each is dealt with, whatever becomes of
 * the others; then it rejects by the first that the app must not be started without.
 */
export const startDocuments = async (
  io: Io,
  documents: readonly IncludedDocument[],
  how: StartDocuments,
): Promise<readonly Pushing[]> => {
  const settled = await Promise.allSettled(documents.map((one) => startOne(io, one, how)));
  return settled.map((outcome) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  });
};

const startOne = async (whole: Io, included: IncludedDocument, how: StartDocuments): Promise<Pushing> => {
  const io = documentIo(whole, included);
  try {
    const pushing = await openDocument(io, included);
    if (isSet(included)) await how.bring(io, pushing.ledger);
    else await startFile(io, pushing.folder, how);
    return pushing;
  } catch (thrown) {
    throw isRefusal(thrown) ? thrown : errorOf(included.name, thrown);
  }
};

const startFile = async (io: Io, folder: StateFolder, how: StartDocuments): Promise<void> => {
  const probed = (): Promise<void> => how.probed(folder);
  if (how.claim !== undefined) {
    await probed(); // the claim is a put
    await how.claim(io, folder);
  }
  try {
    await how.start(io, folder, { probed, budget: how.budget, child: true });
    await probed();
  } catch (thrown) {
    if (!(await mayBegin(io, folder, thrown))) throw thrown;
    io.log.warn("start.local", "the bucket is out of reach, and the graph was never there: the app may begin it");
    await noteChild(folder, true);
  }
};

/** Not every app has written each of its documents. What it makes of one is an addition, whatever the bucket turns out to hold. */
const mayBegin = async (io: Io, folder: StateFolder, thrown: unknown): Promise<boolean> =>
  io.rules.onUnreachable === "local" &&
  toKgsyncError(thrown).code === "bucket-unavailable" &&
  folder.current().base.kind === "absent" &&
  (await io.files.stat(io.paths.graph)) === undefined;
