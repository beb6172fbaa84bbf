import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { type ReadRecord, readConflictRecord } from "../core/merge/read-conflict-record.ts";
import type { StoredObject } from "../ports/object-store.ts";
import type { Io } from "./io.ts";
import { type ListedConflict, listConflicts } from "./list-conflicts.ts";

/** A conflict, and what lies there: the record, or for a quarantine the version that is kept aside. */
export type FoundConflict = {
  readonly listed: ListedConflict;
  readonly object: StoredObject;
  /** `undefined` for a quarantine. */
  readonly record: ReadRecord | undefined;
};

/** By its name or the start of it. Rejects with `usage` when there is none, or more than one; with `graph-invalid` for a damaged record. */
export const readConflict = async (
  { store, sha256, document }: Pick<Io, "store" | "sha256" | "document">,
  name: string,
  signal: AbortSignal,
): Promise<FoundConflict> => {
  const all = await listConflicts({ store, sha256, document }, signal);
  const exact = all.filter((conflict) => conflict.name === name);
  const [listed, ...others] = exact.length > 0 ? exact : all.filter((conflict) => conflict.name.startsWith(name));
  const hint = "See `kgsync conflicts list --all`.";
  if (listed === undefined) throw new KgsyncError("usage", `there is no conflict ${JSON.stringify(name)}`, { hint });
  if (others.length > 0)
    throw new KgsyncError("usage", `${others.length + 1} conflicts start with ${JSON.stringify(name)}`, { hint });
  const key = parseKey(`${document.conflicts}${listed.name}.json`);
  const object = key && (await store.get(key, signal));
  if (object === undefined) throw new KgsyncError("usage", `${listed.name} is gone`, { hint });
  if (listed.kind === "quarantine") return { listed, object, record: undefined };
  const record = readConflictRecord(object.body);
  if (record !== undefined) return { listed, object, record };
  throw new KgsyncError("graph-invalid", `the record ${listed.name} in ${store.name} cannot be read`, {
    hint: `The whole documents may lie beside it: ${listed.name}.ours.json, ${listed.name}.theirs.json.`,
  });
};
