import { looksLike } from "../profile.ts";
import { amadeus } from "../profiles/amadeus.ts";
import { adjustBase } from "./adjust-base.ts";
import { merge } from "./merge.ts";
import type { MergeBase, MergeOptions, MergeOutcome, Source } from "./merge-types.ts";
import { readDocument } from "./read-document.ts";

/** A merge as plain data, so that it can be sent to another thread. */
export type MergeRequest = {
  readonly base: MergeBase;
  /** The app's view may be this one instead: it may have read the file again, or not. A removal counts only if both have the value. */
  readonly otherView?: Uint8Array | undefined;
  /** Ours is the app's first save after it was started on base: what it lacks of it is how the app writes, not a removal. */
  readonly firstSave?: boolean | undefined;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly options: MergeOptions;
};

/** Merges over the base that the app's view makes of the given one; else as `merge`. Never throws. */
export const mergeRequest = ({ base, otherView, firstSave, ours, theirs, options }: MergeRequest): MergeOutcome => {
  // Views are of the graph; a file of records has none.
  if (!(base instanceof Uint8Array) || (otherView === undefined && firstSave !== true) || options.format === "jsonl")
    return merge(base, ours, theirs, options);
  const read = (bytes: Uint8Array) => readDocument(bytes, options.format, options.maxBytes);
  const documents = {
    base: read(base),
    ours: read(ours),
    other: otherView === undefined ? undefined : read(otherView),
  };
  // What cannot be read is refused by the merge itself, in its own words; a damaged second view proves nothing.
  if (!documents.base.ok || !documents.ours.ok) return merge(base, ours, theirs, options);
  const view = {
    base: documents.base.source,
    other: documents.other?.ok === true ? documents.other.source : undefined,
    firstSave: firstSave === true ? { records: recordsOf(documents.ours.source) } : undefined,
    options,
  };
  const adjusted = adjustBase(view, documents.ours.source);
  const bytes = adjusted === view.base.text ? base : new TextEncoder().encode(adjusted);
  return merge(bytes, ours, theirs, options);
};

/** Where the app keeps the user's data under names of the user: such an entry it never drops unasked. */
const recordsOf = ({ root }: Source): readonly string[] =>
  root.kind === "object" && looksLike(amadeus, root) ? amadeus.records : [];
