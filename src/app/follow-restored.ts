import { checkDocument } from "../core/check-document.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { pullGraph } from "./pull-graph.ts";
import type { StateFolder } from "./state-folder.ts";

/** Brings the graph that a person has chosen to the disk. It is what later versions are measured by, however small it is. */
export const followRestored = async (
  io: Io,
  folder: StateFolder,
  { bytes, sha256 }: { readonly bytes: Uint8Array; readonly sha256: Digest },
  budget: Budget,
): Promise<void> => {
  await pullGraph(io, folder, budget);
  const check = checkDocument(bytes, io.document.mode, io.sha256);
  if (check.kind !== "valid") return;
  const largest = { leaves: check.graph.leaves, sha256, at: io.clock.now().wall };
  await folder.replace({ ...folder.current(), largest, latch: undefined });
};
