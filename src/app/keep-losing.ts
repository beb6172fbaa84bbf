import { KgsyncError } from "../core/errors.ts";
import { instantText } from "../core/instant-text.ts";
import type { Key } from "../core/key.ts";
import { renderConflictRecord } from "../core/merge/conflict-record.ts";
import type { Base } from "../core/state.ts";
import type { Digest, ETag } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import { attemptPut, bodyOf, type Content } from "./content.ts";
import type { Io } from "./io.ts";
import { conflictKeys } from "./keys.ts";
import type { MergedGraph } from "./merge-graphs.ts";

type Bytes = { readonly bytes: Content; readonly sha256: Digest };

/** The versions that met. */
export type Meeting = {
  readonly base: Base;
  readonly ours: Bytes;
  readonly theirs: Bytes & { readonly etag: ETag };
};

const keysOf = (io: Io, { base, ours, theirs }: Meeting) => {
  const baseName = base.kind === "content" ? base.sha256 : base.kind;
  return conflictKeys(io.document, io.sha256(encode(`${baseName} ${ours.sha256} ${theirs.sha256}`)), io.writer);
};

/**
 * Puts our version, which gives way to theirs, whole into `.kgsync/conflicts/`: the document first, then the record that names
 * it, because a record without its document would promise what is not there. Answers the document's key.
 */
export const keepLosing = async (io: Io, meeting: Meeting, why: string, budget: Budget): Promise<string> => {
  const keys = keysOf(io, meeting);
  const { base, ours, theirs } = meeting;
  const record = {
    format: 1,
    kind: "document",
    why,
    time: instantText(io.clock.now().wall),
    writer: io.writer,
    chosen: "theirs",
    base: base.kind === "content" ? { sha256: base.sha256 } : undefined,
    ours: { sha256: ours.sha256, key: keys.ours },
    theirs: { sha256: theirs.sha256, etag: theirs.etag },
  };
  await createOnly(io, keys.ours, ours.bytes, budget);
  await createOnly(io, keys.record, encode(`${JSON.stringify(record, undefined, 2)}\n`), budget);
  return keys.ours;
};

/**
 * Writes what a merge left out, before its result is put: the whole document of each side that lost something, then the
 * record. Answers the record's key. The time is in the body: a retry finds the record there, and makes no second one.
 */
export const recordMerge = async (io: Io, meeting: Meeting, merged: MergedGraph, budget: Budget): Promise<string> => {
  const keys = keysOf(io, meeting);
  const { ours, theirs } = meeting;
  const lost = (side: "ours" | "theirs"): boolean => merged.conflicts.some(({ chosen }) => chosen !== side);
  const kept = { ours: lost("ours") ? keys.ours : undefined, theirs: lost("theirs") ? keys.theirs : undefined };
  if (kept.ours !== undefined) await createOnly(io, kept.ours, ours.bytes, budget);
  if (kept.theirs !== undefined) await createOnly(io, kept.theirs, theirs.bytes, budget);
  const text = mergeRecordText(io, meeting, merged, kept);
  await createOnly(io, keys.record, encode(text), budget);
  return keys.record;
};

/** The record as text. `kept`: where the whole documents lie that lost something. */
export const mergeRecordText = (
  io: Io,
  { base, ours, theirs }: Meeting,
  { conflicts, warnings, sha256 }: MergedGraph,
  kept: Readonly<Record<"ours" | "theirs", string | undefined>>,
): string =>
  renderConflictRecord({
    time: instantText(io.clock.now().wall),
    writer: io.writer,
    policy: io.rules.onConflict,
    base: base.kind === "content" ? { sha256: base.sha256 } : undefined,
    ours: { sha256: ours.sha256, key: kept.ours },
    theirs: { sha256: theirs.sha256, etag: theirs.etag, key: kept.theirs },
    result: { sha256 },
    conflicts,
    warnings,
  });

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What is there already is ours, from a try before: the name says what it holds. */
const createOnly = async (io: Io, key: Key, content: Content, budget: Budget): Promise<void> => {
  const sha256 = content instanceof Uint8Array ? io.sha256(content) : content.sha256;
  const options = { contentType: "application/json", metadata: { "kgsync-sha256": sha256 } };
  const send = (signal: AbortSignal) => io.store.put(key, bodyOf(io, content), { mode: "create" }, options, signal);
  const put = await attemptPut(budget, content, send);
  if (put.outcome === "unknown")
    throw new KgsyncError("bucket-unavailable", `the answer of ${io.store.name} to a put of ${key} was lost`);
};
