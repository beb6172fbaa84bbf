import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import type { ListedObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { putGraph } from "./put-graph.ts";
import { quarantine } from "./quarantine.ts";
import type { Reconciliation } from "./reconcile.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * `KGSYNC_ON_INVALID_REMOTE=fallback`: the invalid object is copied aside, then replaced, by conditional put, by the first
 * valid one of: the graph on disk, kept versions (newest first), backups (newest first).
 */
export const replaceInvalid = async (
  io: Io,
  folder: StateFolder,
  found: Reconciliation,
  budget: Budget,
): Promise<"again"> => {
  const { local, remote } = found;
  if (remote.kind !== "invalid") throw new RangeError("only an invalid graph is replaced");
  const good =
    local.kind === "valid"
      ? { name: io.paths.graph, bytes: local.bytes, sha256: local.sha256 }
      : await newestValid(io, budget);
  if (good === undefined)
    throw new KgsyncError(
      "graph-invalid",
      `the graph in ${io.store.name} is invalid (${remote.why}), and no valid one is on disk, in versions/ or in backups/`,
    );
  if ((await quarantine(io, remote, budget)) === undefined)
    throw new KgsyncError(
      "bucket-unavailable",
      `the invalid graph in ${io.store.name} could not be copied aside, so it is not replaced`,
    );
  const { bytes, sha256 } = good;
  await folder.replace({
    ...folder.current(),
    remote: { etag: remote.etag, sha256: remote.sha256, ancestors: [], epoch: undefined },
  });
  // Base is not what the bucket holds: the put is made by hand, nothing is merged with an invalid graph.
  const put = await putGraph(io, folder, { bytes, sha256, ours: { bytes, sha256 }, own: false }, budget);
  if (put.kind === "unknown" || put.kind === "failed") throw put.error;
  if (put.kind !== "stored") return "again";
  io.log.error("start.fallback", "the invalid graph in the bucket was replaced by an earlier valid one", {
    from: good.name,
  });
  return "again";
};

const newestValid = async (io: Io, budget: Budget) => {
  for (const prefix of [io.document.versions, io.document.backups]) {
    const objects: ListedObject[] = [];
    for await (const object of io.store.list(prefix, budget.signal))
      if (object.name.endsWith(".json")) objects.push(object);
    for (const { name } of objects.sort((a, b) => b.modified - a.modified)) {
      const key = parseKey(name);
      const object = key === undefined ? undefined : await io.store.get(key, budget.signal);
      if (object !== undefined && (await io.inspect(object.body)).kind === "valid")
        return { name, bytes: object.body, sha256: io.sha256(object.body) };
    }
  }
  return undefined;
};
