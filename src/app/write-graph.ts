import { updateLargest } from "../core/guard.ts";
import type { Digest } from "../core/version.ts";
import { type SeenGraph, sizeOf, writeContent } from "./content.ts";
import type { Io } from "./io.ts";
import type { ValidRemote } from "./read-remote.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * Order: base bytes and intent → disk → base := disk. Base is never ahead of the disk. `child`: one is about to be started.
 */
export const writeGraph = async (
  io: Io,
  folder: StateFolder,
  remote: ValidRemote,
  child: boolean,
  seenAt = async () => folder.current().probedAt,
): Promise<void> => {
  const { bytes, sha256 } = remote;
  await folder.keepBase(sha256, bytes);
  await folder.replace({ ...folder.current(), intent: { kind: "disk", sha256, base: sha256 } });
  await writeContent(io, io.paths.graph, bytes);
  io.metrics?.note({ type: "graph", bytes: sizeOf(bytes), leaves: remote.graph.leaves });
  if (bytes instanceof Uint8Array) io.metrics?.saw?.(bytes, remote.graph.leaves);
  await noteInStep(io, folder, remote, sha256, child, await seenAt());
};

/** Both sides hold the same: `disk` is the local content, whose changes are in `remote`. */
export const noteInStep = async (
  io: Io,
  folder: StateFolder,
  {
    etag,
    sha256,
    ancestors,
    epoch,
    writer,
    graph,
  }: Omit<ValidRemote, "kind" | "bytes" | "writeId" | "graph"> & { readonly graph: Pick<SeenGraph, "leaves"> },
  disk: Digest,
  child: boolean,
  probedAt = folder.current().probedAt,
): Promise<void> => {
  await folder.replace({
    ...folder.current(),
    store: io.store.name,
    intent: undefined,
    dirty: false,
    latch: undefined,
    base: { kind: "content", sha256: disk },
    child,
    probedAt,
    otherView: undefined,
    remote: { etag, sha256, ancestors, epoch, writer },
    largest: updateLargest(folder.current().largest, { leaves: graph.leaves, sha256, at: io.clock.now().wall }),
  });
  await folder.dropOldBases();
};
