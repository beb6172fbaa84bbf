import type { IncludedDocument } from "../core/document.ts";
import { openBackupLedger } from "./backup-ledger.ts";
import { createGraphPusher } from "./graph-pusher.ts";
import type { Io } from "./io.ts";
import type { Pushing } from "./push-all.ts";
import { openStateFolder } from "./state-folder.ts";
import { createVersionPruner } from "./version-pruner.ts";

/** What a push of one document needs. `io`: of just that one; `document`: `undefined` for the graph. A set has no file to look at. */
export const openDocument = async (io: Io, document: IncludedDocument | undefined): Promise<Pushing> => {
  const [folder, ledger] = await Promise.all([openStateFolder(io), openBackupLedger(io)]);
  const graph = isSet(document) ? async () => ({ kind: "clean" as const }) : createGraphPusher(io, folder);
  return { io, folder, ledger, graph, prune: createVersionPruner(io) };
};

export const isSet = (document: IncludedDocument | undefined): boolean => document?.mode === "immutable-set";
