import { baseGraph } from "./base-graph.ts";
import { sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { lookOnlyIo } from "./look-only-io.ts";
import { readLocal } from "./read-local.ts";
import { openStateFolder } from "./state-folder.ts";

/**
 * Whether the graph on disk holds what no push has brought to the bucket, as far as the state folder tells; the bucket is
 * not asked. Damaged, or being written, counts as work. Changes nothing.
 */
export const hasLocalWork = async (real: Io): Promise<boolean> => {
  const io = lookOnlyIo(real);
  const [folder, local] = await Promise.all([openStateFolder(io), readLocal(io)]);
  if (local.kind !== "valid") return local.kind !== "absent";
  const { base, otherView, store } = folder.current();
  if (store !== io.store.name || base.kind !== "content") return true;
  if (local.sha256 === base.sha256 || local.sha256 === otherView) return false;
  const graph = await baseGraph(folder);
  return graph === undefined || !(await sameGraph(io, graph, local.graph));
};
