import { mergeFormatOf } from "../core/document.ts";
import { KgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { chooseValues } from "../core/merge/choose-values.ts";
import type { Side } from "../core/merge/merge-types.ts";
import type { ReadRecord } from "../core/merge/read-conflict-record.ts";
import { readDocument } from "../core/merge/read-document.ts";
import { parseDigest } from "../core/version.ts";
import type { StoredObject } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { versionKey } from "./keys.ts";
import type { FoundConflict } from "./read-conflict.ts";

export type Resolution = {
  readonly side: Side;
  /** Only at this place (JSON pointer); everywhere if `undefined`. */
  readonly at: string | undefined;
};

/**
 * The bucket's graph with the other decision in it. Single values are put into the document that the merge had made, and that is
 * merged with what the graph has become: so elements of lists are found where they are now. A version that gave way whole is taken
 * whole. Rejects with `not-durable` where somebody has changed the same since, and with `usage` for a place that is not in it.
 */
export const resolveConflict = async (
  io: Io,
  found: FoundConflict,
  current: StoredObject,
  { side, at }: Resolution,
  budget: Budget,
): Promise<Uint8Array> => {
  const { record, listed, object } = found;
  if (record?.kind !== "merge" && at !== undefined)
    throw new KgsyncError("usage", `${listed.name} is one whole version: --at has no meaning for it.`);
  if (record?.kind !== "merge" && side === "theirs") return current.body;
  if (record === undefined) return object.body;
  if (record.kind === "document") return lostDocument(io, record.ours, budget);
  if (io.document.mode === "replace") return wholeSide(io, record, current, side, budget);
  return withValues(io, { listed, record }, current, { side, at }, budget);
};

const withValues = async (
  io: Io,
  { listed, record }: Pick<FoundConflict, "listed"> & { readonly record: Extract<ReadRecord, { kind: "merge" }> },
  current: StoredObject,
  { side, at }: Resolution,
  budget: Budget,
): Promise<Uint8Array> => {
  const format = mergeFormatOf(io.document.mode);
  const conflicts = record.conflicts.filter(({ pointer }) => at === undefined || pointer === at);
  if (conflicts.length === 0)
    throw new KgsyncError("usage", `${listed.name} has no conflict at ${JSON.stringify(at)}`, {
      hint: `\`kgsync conflicts show ${listed.name}\` has its places.`,
    });
  if (conflicts.every(({ chosen }) => chosen === side)) return current.body;
  const merged = await mergedThen(io, record, current, budget);
  if (merged === undefined && conflicts.some(({ pointer, chosen }) => chosen !== side && /\/\d+(?:\/|$)/.test(pointer)))
    throw byHand(
      listed.name,
      "the merged version is no longer kept, and which element of a list it was cannot be told",
    );
  const base = merged ?? current.body;
  const read = readDocument(base, format);
  if (!read.ok) throw byHand(listed.name, `the graph cannot be merged: ${read.why}`);
  const chosen = chooseValues(read.source, record.text, conflicts, side, format);
  if (!chosen.ok) throw byHand(listed.name, `${chosen.pointer || "the document"} is not what it was when they met`);
  const { mergeKeys } = io.rules;
  const options = { policy: "newest" as const, format, ...(mergeKeys === undefined ? {} : { identityAt: mergeKeys }) };
  const ours = new TextEncoder().encode(chosen.text);
  const outcome = await io.merge({ base, ours, theirs: current.body, options });
  if (outcome.kind === "refused") throw byHand(listed.name, outcome.why);
  const [again] = outcome.conflicts;
  if (again !== undefined) throw byHand(listed.name, `${again.pointer} has been changed once more since then`);
  return outcome.bytes;
};

/** Of bytes one side was chosen whole, and the other lies beside the record. */
const wholeSide = (
  io: Io,
  record: Extract<ReadRecord, { kind: "merge" }>,
  current: StoredObject,
  side: Side,
  budget: Budget,
): Promise<Uint8Array> | Uint8Array =>
  record.conflicts.every(({ chosen }) => chosen === side) ? current.body : lostDocument(io, record[side], budget);

const byHand = (name: string, why: string): KgsyncError =>
  new KgsyncError("not-durable", `${name} cannot be resolved by itself: ${why}`, {
    hint: `Nothing was changed. Put the value in by hand, with the app or \`kgsync exec\`, then: kgsync conflicts resolve ${name} --keep`,
  });

const lostDocument = async (io: Io, lost: ReadRecord["ours"], budget: Budget): Promise<Uint8Array> => {
  const key = parseKey(lost?.key ?? "");
  const object = key && (await budget.attempt((signal) => io.store.get(key, signal)));
  if (object !== undefined) return object.body;
  throw new KgsyncError("graph-invalid", `the version that gave way is gone: ${lost?.key ?? "its key is not known"}`);
};

/** What the merge had made, if the bucket still has it: as the graph, or among the versions. */
const mergedThen = async (
  io: Io,
  { result }: ReadRecord,
  current: StoredObject,
  budget: Budget,
): Promise<Uint8Array | undefined> => {
  const sha256 = parseDigest(result?.sha256);
  if (sha256 === undefined) return undefined;
  if (io.sha256(current.body) === sha256) return current.body;
  const kept = await budget.attempt((signal) => io.store.get(versionKey(io.document, sha256), signal));
  return kept !== undefined && io.sha256(kept.body) === sha256 ? kept.body : undefined;
};
