import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { type BackupGroup, groupBackups, planVersionPrune } from "../core/plan-prune.ts";
import type { ListedObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";

export type PruneIo = Pick<Io, "store" | "inspect" | "document">;

/** What is to go, as data: a dry run is printing it. */
export type PrunePlan = {
  readonly versions: readonly ListedObject[];
  readonly backups: readonly ListedObject[];
  /** The moment of an old backup that stays because no newer one is valid. */
  readonly spared: string | undefined;
};

/**
 * Looks what may go: of the kept versions all but the newest `keepVersions` (at least one stays), and, only if `keepBackups`
 * says so, of the backups all but those of the newest moments. The last valid backup stays however old it is.
 */
export const planPrune = async (
  io: PruneIo,
  { keepVersions, keepBackups }: { readonly keepVersions: number; readonly keepBackups: number | undefined },
  budget: Budget,
): Promise<PrunePlan> => {
  const { backups: folder, versions: prefix } = io.document;
  const listed = await listAll(io, prefix, budget);
  const versions = planVersionPrune(listed, prefix, Math.max(1, keepVersions));
  if (keepBackups === undefined) return { versions, backups: [], spared: undefined };
  const groups = groupBackups(await listAll(io, folder, budget), folder);
  const old = groups.slice(keepBackups);
  const spared = old.length === 0 ? undefined : await lastValid(io, groups, keepBackups, budget);
  return { versions, backups: old.filter(({ at }) => at !== spared).flatMap(({ files }) => files), spared };
};

const listAll = async ({ store }: PruneIo, prefix: string, budget: Budget): Promise<readonly ListedObject[]> => {
  const found: ListedObject[] = [];
  for await (const object of store.list(prefix, budget.signal)) found.push(object);
  return found;
};

/** The moment of the newest valid backup, if that is none of the first `keep`. */
const lastValid = async (
  io: PruneIo,
  groups: readonly BackupGroup<ListedObject>[],
  keep: number,
  budget: Budget,
): Promise<string | undefined> => {
  for (const [index, { at, files }] of groups.entries())
    if (await hasValidGraph(io, files, budget)) return index < keep ? undefined : at;
  return undefined;
};

const hasValidGraph = async (
  { store, inspect }: PruneIo,
  files: readonly ListedObject[],
  budget: Budget,
): Promise<boolean> => {
  for (const { name } of files.filter((file) => file.name.endsWith(".json"))) {
    const key = parseKey(name);
    const object = key && (await budget.attempt((signal) => store.get(key, signal)));
    if (object !== undefined && (await inspect(object.body)).kind === "valid") return true;
  }
  return false;
};

/** Removes what the plan names, one by one, and tells of each. Rejects at the first that cannot be removed. */
export const prune = async (
  { store }: PruneIo,
  { versions, backups }: PrunePlan,
  budget: Budget,
  removed: (object: ListedObject) => void,
): Promise<void> => {
  for (const object of [...versions, ...backups]) {
    const key = parseKey(object.name);
    if (key === undefined) continue;
    if (budget.signal.aborted) throw new KgsyncError("bucket-unavailable", "stopped before all was removed");
    await budget.attempt((signal) => store.delete(key, signal));
    removed(object);
  }
};
