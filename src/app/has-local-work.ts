import type { IncludedDocument } from "../core/document.ts";
import { baseGraph } from "./base-graph.ts";
import { sameGraph } from "./content.ts";
import { eachDocument } from "./each-document.ts";
import type { Io } from "./io.ts";
import { lookOnlyIo } from "./look-only-io.ts";
import { isSet } from "./open-document.ts";
import { readLocal } from "./read-local.ts";
import { openStateFolder } from "./state-folder.ts";

/**
 * Whether the graph on disk, or with `all` any document beside it, holds what no push has brought to the bucket, as far as the state folder tells; the bucket is
 * not asked. Damaged, or being written, counts as work. Changes nothing.
 */
export const hasLocalWork = async (real: Io, all = true): Promise<boolean> => {
  if (all && real.paths.documents !== undefined && real.paths.documents.length > 0)
    return (await eachDocument(real, (io, document) => hasWork(io, document))).includes(true);
  return hasWork(real, undefined);
};

const hasWork = async (real: Io, document: IncludedDocument | undefined): Promise<boolean> => {
  if (isSet(document)) return false; // as with the backups: a run counts what waits
  const io = lookOnlyIo(real);
  const [folder, local] = await Promise.all([openStateFolder(io), readLocal(io)]);
  if (local.kind !== "valid") return local.kind !== "absent";
  const { base, otherView, store } = folder.current();
  if (store !== io.store.name || base.kind !== "content") return true;
  if (local.sha256 === base.sha256 || local.sha256 === otherView) return false;
  const graph = await baseGraph(folder);
  return graph === undefined || !(await sameGraph(io, graph, local.graph));
};
