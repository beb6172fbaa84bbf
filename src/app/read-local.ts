import type { Digest } from "../core/version.ts";
import type { Stamp } from "../ports/file-tree.ts";
import type { LargeFile } from "../ports/large-files.ts";
import type { Content, SeenGraph } from "./content.ts";
import type { Io } from "./io.ts";

/**
 * The graph on disk as it stands. `moving`: it is being written now. `damaged`: it stood still and is torn or invalid;
 * its bytes are there to be kept.
 */
export type LocalRead =
  | { readonly kind: "absent" }
  | { readonly kind: "moving" }
  | {
      readonly kind: "damaged";
      readonly why: string;
      readonly bytes: Content;
      readonly sha256: Digest;
      readonly torn: boolean;
    }
  | {
      readonly kind: "valid";
      readonly graph: SeenGraph;
      readonly bytes: Content;
      readonly sha256: Digest;
      readonly stamp: Stamp;
    };

/** Settles the file: whole between two equal looks, and a graph. */
export const readLocal = async ({ files, inspect, large, metrics, paths, sha256 }: Io): Promise<LocalRead> => {
  const look = await large?.look(paths.graph);
  if (look?.kind === "moving") return { kind: "moving" };
  if (look?.kind === "still") return localOf(look.file, metrics);
  const read = await files.read(paths.graph);
  if (read.kind !== "still") return read;
  const check = await inspect(read.bytes);
  const digest = sha256(read.bytes);
  if (check.kind !== "valid")
    return { kind: "damaged", why: check.why, bytes: read.bytes, sha256: digest, torn: check.kind === "torn" };
  metrics?.note({ type: "graph", bytes: read.bytes.length, leaves: check.graph.leaves });
  metrics?.saw?.(read.bytes, check.graph.leaves);
  return { kind: "valid", graph: check.graph, bytes: read.bytes, sha256: digest, stamp: read.stamp };
};

const localOf = (file: LargeFile, metrics: Io["metrics"]): LocalRead => {
  const { check, sha256, stamp } = file;
  if (check.kind !== "valid")
    return { kind: "damaged", why: check.why, bytes: file, sha256, torn: check.kind === "torn" };
  metrics?.note({ type: "graph", bytes: stamp.size, leaves: check.graph.leaves });
  return { kind: "valid", graph: { ...check.graph, file }, bytes: file, sha256, stamp };
};
