import { KgsyncError } from "../core/errors.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { mergeRecordText } from "./keep-losing.ts";
import { noteRemote } from "./learn-remote.ts";
import { mergeGraphs } from "./merge-graphs.ts";
import type { Reconciliation } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * `kgsync pull` where both sides have changed: the disk gets both, the bucket is not touched. Base is then what the bucket
 * holds: what of the disk is not in it is still to be pushed. Ours is kept whole in the state folder first, and beside it what
 * the merge left out.
 */
export const mergeToDisk = async (
  io: Io,
  folder: StateFolder,
  { local, remote }: Reconciliation,
  budget: Budget,
): Promise<void> => {
  if (local.kind !== "valid" || remote.kind !== "valid") throw new RangeError("only two valid graphs can be merged");
  const { base } = folder.current();
  const merged = await mergeGraphs(io, folder, local.bytes, remote.bytes, budget);
  if (merged.kind === "refused")
    throw new KgsyncError(
      "not-durable",
      `${io.paths.graph} and the graph in ${io.store.name} have both changed and cannot be merged (${merged.why}); nothing was changed`,
      { hint: "Move your file aside, run `kgsync pull`, and make your changes again on the new one." },
    );
  const path = await folder.keepAside(local.sha256, local.bytes);
  const conflicts = merged.conflicts.length;
  const record = `${path}.conflicts`;
  if (conflicts > 0) {
    const text = mergeRecordText(io, { base, ours: local, theirs: remote }, merged, { ours: path, theirs: undefined });
    await io.files.write(record, new TextEncoder().encode(text));
  }
  const { etag, sha256, ancestors, epoch, writer } = remote;
  await noteRemote(io, folder, folder.current(), remote);
  await folder.keepBase(sha256, remote.bytes);
  await folder.replace({ ...folder.current(), intent: { kind: "disk", sha256: merged.sha256, base: sha256 } });
  await io.files.write(io.paths.graph, merged.bytes);
  await folder.replace({
    ...folder.current(),
    intent: undefined,
    dirty: true,
    base: { kind: "content", sha256 },
    child: false, // whatever is changed from now on, a person has changed
    otherView: undefined,
    remote: { etag, sha256, ancestors, epoch, writer },
  });
  await folder.dropOldBases();
  io.log.warn(
    "pull.merged",
    "both sides had changed: the disk has both now; `kgsync push` brings yours to the bucket",
    {
      kept: path,
      conflicts,
      ...(conflicts === 0 ? {} : { record }),
    },
  );
};
