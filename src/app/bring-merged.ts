import { baseGraph } from "./base-graph.ts";
import { sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { readLocal } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";
import { noteInStep } from "./write-graph.ts";

/**
 * Writes what the bucket holds to the disk, where a push has merged ours with what others added. Only while no app runs: it
 * would not read it, and its next save would take what others added for removed. Does nothing when the disk has it, when ours
 * is not wholly in the bucket, or when the bytes are not at hand: then the next start pulls them. `child`: one is about to be
 * started.
 */
export const bringMerged = async (io: Io, folder: StateFolder, child: boolean): Promise<void> => {
  const { base, remote, dirty, intent } = folder.current();
  if (remote === undefined || base.kind !== "content" || dirty || intent !== undefined) return;
  if (remote.sha256 === base.sha256) return;
  const bytes = await folder.readBase(remote.sha256);
  if (bytes === undefined) return;
  const [local, graph] = await Promise.all([readLocal(io), baseGraph(folder)]);
  if (local.kind !== "valid" || graph === undefined || !(await sameGraph(io, local.graph, graph))) return;
  const check = await io.inspect(bytes);
  if (check.kind !== "valid") return;
  const { sha256 } = remote;
  await folder.replace({ ...folder.current(), intent: { kind: "disk", sha256, base: sha256 } });
  await io.files.write(io.paths.graph, bytes);
  await noteInStep(io, folder, { ...remote, graph: check.graph }, sha256, child);
  io.log.info("disk.merged", "what others added is on the disk too", { sha256 });
};
