import { KgsyncError } from "../core/errors.ts";
import type { Base } from "../core/state.ts";
import type { Digest, ETag } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { conflictKeys } from "./keys.ts";

/** Two versions that met, and which of them stays the bucket's graph: always theirs until there is a merge. */
export type Meeting = {
  readonly base: Base;
  readonly ours: { readonly bytes: Uint8Array; readonly sha256: Digest };
  readonly theirs: { readonly sha256: Digest; readonly etag: ETag };
  readonly why: string;
};

/**
 * Puts the losing version whole into `.kgsync/conflicts/`, the document first, then the record that names it: a record
 * without its document would promise what is not there. Answers the document's key. The keys hold this process's own name,
 * so overwriting them replaces nothing of anybody else: a later save of the same app supersedes its earlier one.
 */
export const keepLosing = async (io: Io, meeting: Meeting, budget: Budget): Promise<string> => {
  const name = new TextEncoder().encode(`${JSON.stringify(meeting.base)} ${meeting.theirs.sha256}`);
  const keys = conflictKeys(io.sha256(name), io.writer);
  const record = {
    format: 1,
    kind: "document",
    why: meeting.why,
    at: io.clock.now().wall,
    writer: io.writer,
    chosen: "theirs",
    base: meeting.base,
    ours: { sha256: meeting.ours.sha256, key: keys.document },
    theirs: meeting.theirs,
  };
  await overwrite(io, keys.document, meeting.ours.bytes, budget);
  await overwrite(io, keys.record, new TextEncoder().encode(`${JSON.stringify(record, undefined, 2)}\n`), budget);
  return keys.document;
};

const overwrite = async (
  io: Io,
  key: ReturnType<typeof conflictKeys>["record"],
  body: Uint8Array,
  budget: Budget,
): Promise<void> => {
  const options = { contentType: "application/json", metadata: { "kgsync-sha256": io.sha256(body) } };
  const put = await budget.attempt((signal) => io.store.put(key, body, { mode: "overwrite" }, options, signal));
  if (put.outcome !== "stored")
    throw new KgsyncError("bucket-unavailable", `the answer of ${io.store.name} to a put of ${key} was lost`);
};
