import { parseKey } from "../core/key.ts";
import { commonBase } from "../core/merge/common-base.ts";
import type { ListedObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";

/** Ours and all versions: they are compared on the main thread, and signals must not wait for long. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_VERSIONS = 24;

/**
 * For a merge whose base nobody knows: what ours has in common with the kept version that it has most in common with; see
 * `commonBase`. `undefined`: everything of both sides is kept.
 */
export const guessBase = async (io: Io, ours: Uint8Array, budget: Budget): Promise<Uint8Array | undefined> => {
  if (io.document.mode !== "merge-json") return undefined; // records are told apart by identity, bytes not at all
  const listed: ListedObject[] = [];
  for await (const object of io.store.list(io.document.versions, budget.signal)) listed.push(object);
  listed.sort((a, b) => b.modified - a.modified);
  const versions: Uint8Array[] = [];
  let left = MAX_BYTES - ours.length;
  for (const { name, size } of listed.slice(0, MAX_VERSIONS)) {
    const key = parseKey(name);
    left -= size;
    if (key === undefined || left < 0) continue;
    const object = await budget.attempt((signal) => io.store.get(key, signal));
    if (object !== undefined && (await io.inspect(object.body)).kind === "valid") versions.push(object.body);
  }
  const common = commonBase(versions, ours);
  const from = common && versions[common.index];
  io.log.warn("merge.no-base", "nothing is known of what the graph on disk was made from", {
    versions: versions.length,
    base:
      from === undefined ? "none: everything of both sides is kept" : `what it has in common with ${io.sha256(from)}`,
  });
  return common?.base;
};
