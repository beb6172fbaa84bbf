import { checkDocument } from "../core/check-document.ts";
import { sameMeaning } from "../core/graph.ts";
import { isFirstSave, type State } from "../core/state.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import { wholeOf } from "./content.ts";
import type { Io } from "./io.ts";
import { recordMerge } from "./keep-losing.ts";
import { replacedBytes } from "./keep-version.ts";
import { mergeGraphs } from "./merge-graphs.ts";
import type { LocalRead } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

type ValidLocal = Extract<LocalRead, { kind: "valid" }>;

/**
 * What is to be put so that the bucket holds ours too. `plain`: ours as it is, the bucket's graph is what the app has.
 * `merged`: both. `same`: the bucket holds it all already. `moved`: the version last seen is gone. `refused`: nothing is
 * guessed, theirs stays.
 */
export type Integration =
  | { readonly kind: "plain" }
  | { readonly kind: "merged"; readonly bytes: Uint8Array; readonly sha256: Digest }
  | { readonly kind: "same" }
  | { readonly kind: "moved" }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Adds what the app changed since base to what the bucket holds now. Base is the app's own view, never the bucket's last
 * version: the app does not read again, so its save lacks what others added, and against anything else that is a removal.
 * What the merge left out is recorded in the bucket before the result is answered.
 */
export const integrate = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  budget: Budget,
): Promise<Integration> => {
  const state = folder.current();
  const { remote } = state;
  if (remote === undefined || isPlain(state, local)) return { kind: "plain" };
  const theirs =
    (await folder.largeBase(remote.sha256)) ??
    (await folder.readBase(remote.sha256)) ??
    (await budget.attempt((signal) => replacedBytes(io, remote.etag, signal, budget.signal)));
  if (theirs === undefined) return { kind: "moved" };
  const merged = await mergeGraphs(io, folder, local.bytes, theirs, budget);
  if (merged.kind === "refused") {
    io.metrics?.note({ type: "merge", result: "refused", conflicts: 0, key: undefined });
    return merged;
  }
  const { conflicts, warnings, equalTo, sha256 } = merged;
  let key: string | undefined;
  if (conflicts.length > 0) {
    const meeting = {
      base: state.base,
      ours: local,
      theirs: { bytes: theirs, sha256: remote.sha256, etag: remote.etag },
    };
    key = await recordMerge(io, meeting, merged, budget);
    io.log.warn("merge.conflicts", "both sides changed the same; `kgsync conflicts` shows what gave way", {
      conflicts: conflicts.length,
      at: conflicts.slice(0, SHOWN).map(({ pointer, chosen }) => `${pointer}: ${chosen}`),
      key,
    });
  }
  io.log.info("merge.done", "our changes are merged into the bucket's graph", {
    conflicts: conflicts.length,
    ...(warnings.length === 0 ? {} : { warnings: warnings.slice(0, SHOWN) }),
  });
  const same = equalTo === "theirs" || sha256 === remote.sha256 || isSame(io, await wholeOf(io, theirs), merged.graph);
  io.metrics?.note({ type: "merge", result: same ? "same" : "merged", conflicts: conflicts.length, key });
  if (same) return { kind: "same" };
  return { kind: "merged", bytes: merged.bytes, sha256 };
};

/** As many as fit on one line of the log; the record has all. */
const SHOWN = 5;

/**
 * Nobody has written since: ours replaces it, nothing is parsed. A first save of an app that we know goes through the merge all
 * the same: its records are told from the fields that an older version of it may drop. Of any other app nobody can say, and
 * what it saves is what its user wants.
 */
const isPlain = (state: State, { graph }: ValidLocal): boolean =>
  state.base.kind === "content" &&
  state.base.sha256 === state.remote?.sha256 &&
  state.otherView === undefined &&
  !(graph.app !== undefined && isFirstSave(state));

const isSame = (io: Io, theirs: Uint8Array | undefined, merged: Parameters<typeof sameMeaning>[0]): boolean => {
  const check = theirs && checkDocument(theirs, io.document.mode, io.sha256);
  return check?.kind === "valid" && sameMeaning(merged, check.graph);
};
