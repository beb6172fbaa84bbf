import { mergeFormatOf } from "../core/document.ts";
import type { Graph } from "../core/graph.ts";
import { chooseWhole } from "../core/merge/choose-whole.ts";
import type { MergeBase, MergeOutcome } from "../core/merge/merge-types.ts";
import { isFirstSave } from "../core/state.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import { type Content, wholeOf } from "./content.ts";
import { guessBase } from "./guess-base.ts";
import type { Io } from "./io.ts";
import type { StateFolder } from "./state-folder.ts";

export type MergedGraph = Extract<MergeOutcome, { kind: "merged" }> & {
  readonly graph: Graph;
  readonly sha256: Digest;
};

/**
 * Merges two valid graphs over the base that the state names, by the settings in force. `refused` also when the result is not
 * valid: both sides were, so what was made of them must not be what the app is started on.
 */
export const mergeGraphs = async (
  io: Io,
  folder: StateFolder,
  ourContent: Content,
  theirContent: Content,
  budget: Budget,
): Promise<MergedGraph | Extract<MergeOutcome, { kind: "refused" }>> => {
  const [ours, theirs] = [await wholeOf(io, ourContent), await wholeOf(io, theirContent)];
  if (ours === undefined || theirs === undefined)
    return { kind: "refused", why: "graphs of more than 256 MiB are not merged" };
  const { onConflict: policy, mergeKeys } = io.rules;
  const options = {
    policy,
    format: mergeFormatOf(io.document.mode),
    ...(mergeKeys === undefined ? {} : { identityAt: mergeKeys }),
  };
  const view = await views(io, folder, ours, budget);
  const merged =
    io.document.mode === "replace"
      ? chooseWhole(view.base, ours, theirs, policy)
      : await io.merge({ ...view, ours, theirs, options });
  if (merged.kind === "refused") return merged;
  const check = await io.inspect(merged.bytes);
  if (check.kind === "valid") return { ...merged, graph: check.graph, sha256: io.sha256(merged.bytes) };
  return { kind: "refused", why: `the app could load both versions, but not the two merged: ${check.why}` };
};

type Views = {
  readonly base: MergeBase;
  readonly otherView?: Uint8Array | undefined;
  readonly firstSave?: boolean;
};

/** What the app held before its changes, as far as it is known. */
const views = async (io: Io, folder: StateFolder, ours: Uint8Array, budget: Budget): Promise<Views> => {
  const { base, otherView, store } = folder.current();
  const own = store === io.store.name;
  if (own && base.kind === "absent") return { base: "absent" };
  const bytes = own && base.kind === "content" ? await folder.readBase(base.sha256) : undefined;
  if (bytes === undefined) return { base: await guessBase(io, ours, budget) };
  return {
    base: bytes,
    firstSave: isFirstSave(folder.current()),
    otherView: otherView === undefined ? undefined : await folder.readBase(otherView),
  };
};
