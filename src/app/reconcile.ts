import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { isAncestor } from "../core/metadata.ts";
import { type BaseKnown, type LocalGraph, planStart, type RemoteGraph, type StartPlan } from "../core/plan-start.ts";
import { recoverIntent } from "../core/recover-intent.ts";
import type { State } from "../core/state.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import { type SeenGraph, sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { noteRemote } from "./learn-remote.ts";
import { type LocalRead, readLocal } from "./read-local.ts";
import { type RemoteRead, readRemote } from "./read-remote.ts";
import type { StateFolder } from "./state-folder.ts";

/** Both sides as they were found, and what the start table says to do. */
export type Reconciliation = {
  readonly local: LocalRead;
  readonly remote: RemoteRead | { readonly kind: "unreachable"; readonly error: KgsyncError };
  readonly plan: StartPlan;
};

/**
 * Looks at both sides, settles what a crash left open, and plans. Writes nothing but the state. `latch`: the guard counts.
 * `beside`: the last app may still run, and what was written under it is not settled by a look.
 */
export const reconcile = async (
  io: Io,
  folder: StateFolder,
  budget: Budget,
  latch = true,
  beside = false,
): Promise<Reconciliation> => {
  const [local, remote] = await Promise.all([readLocal(io), reach(io, folder, budget)]);
  if (local.kind === "moving")
    throw new KgsyncError("local-busy", `${io.paths.graph} is being written by somebody while nothing may write it`, {
      hint: "End the program that writes it, then start again.",
    });
  if (beside) await settleAdoption(folder, local);
  await recover(io, folder, local, remote);
  if (!beside) await settleViews(folder, local);
  const state = folder.current();
  const base = (await baseGraph(folder)) ?? (await healBase(folder, local));
  const known = baseKnown(io, state, base !== undefined);
  const still =
    known === "have" && remote.kind === "valid" && base !== undefined && (await sameGraph(io, remote.graph, base));
  if (still && state.remote?.etag !== remote.etag) await noteRemote(io, folder, state, remote);
  const localView: LocalGraph =
    local.kind !== "valid"
      ? local
      : {
          kind: "valid",
          sha256: local.sha256,
          sameAsBase: base !== undefined && (await sameGraph(io, base, local.graph)),
          sameAsRemote:
            remote.kind === "valid" &&
            (remote.sha256 === local.sha256 || (await sameGraph(io, remote.graph, local.graph))),
        };
  const rules = { ...io.rules, latched: latch && state.latch !== undefined && !io.rules.allowShrink };
  const plan = planStart(localView, viewRemote(remote, local, still), known, rules);
  return { local, remote, plan };
};

/** An unreachable bucket is a row of the table; a denied or missing one too, with its own exit code. */
const reach = async (io: Io, folder: StateFolder, budget: Budget): Promise<Reconciliation["remote"]> => {
  try {
    const { remote, store } = folder.current();
    return await readRemote(io, budget.signal, store === io.store.name ? remote : undefined);
  } catch (thrown) {
    const error = toKgsyncError(thrown);
    if (error.code === "bug" || error.code === "disk") throw error;
    return { kind: "unreachable", error };
  }
};

/** The disk holds what the base's damaged copy held: the digest says so. */
const healBase = async (folder: StateFolder, local: LocalRead): Promise<SeenGraph | undefined> => {
  const { base } = folder.current();
  if (base.kind !== "content" || local.kind !== "valid" || local.sha256 !== base.sha256) return undefined;
  await folder.keepBase(local.sha256, local.bytes);
  return local.graph;
};

/** The file that was written under the last app, which has not saved since: all of it is the bucket's, and the next reads it. */
const settleViews = async (folder: StateFolder, local: LocalRead): Promise<void> => {
  const state = folder.current();
  if (local.kind !== "valid" || state.otherView !== local.sha256) return;
  await folder.keepBase(local.sha256, local.bytes);
  await folder.replace({ ...state, base: { kind: "content", sha256: local.sha256 }, otherView: undefined });
};

/** A file that was to be written under the app: what is there now is the second view, if it is a version that we know. */
const settleAdoption = async (folder: StateFolder, local: LocalRead): Promise<void> => {
  const state = folder.current();
  if (state.intent?.kind !== "disk" || state.intent.sha256 !== state.otherView) return;
  const disk = local.kind === "valid" ? local.sha256 : undefined;
  const isBase = state.base.kind === "content" && state.base.sha256 === disk;
  const isKnown = disk !== undefined && !isBase && (await folder.readBase(disk)) !== undefined;
  await folder.replace({ ...state, intent: undefined, otherView: isKnown ? disk : undefined });
};

const recover = async (
  io: Io,
  folder: StateFolder,
  local: LocalRead,
  remote: Reconciliation["remote"],
): Promise<void> => {
  const state = folder.current();
  if (state.intent === undefined && state.lost.length === 0) return;
  if (remote.kind === "unreachable" && state.intent?.kind !== "disk") return;
  const disk = local.kind === "valid" || local.kind === "damaged" ? local.sha256 : undefined;
  const next = recoverIntent(state, { remote: remote.kind === "valid" ? remote : undefined, disk });
  io.log.info("state.recovered", "an unfinished step of an earlier run is settled", {
    intent: state.intent?.kind ?? "put",
    base: next.base,
  });
  // A put of ours that is found in this bucket says that the base belongs to it.
  await folder.replace(next.remote === state.remote ? next : { ...next, store: io.store.name });
};

const viewRemote = (remote: Reconciliation["remote"], local: LocalRead, still: boolean): RemoteGraph => {
  switch (remote.kind) {
    case "unreachable":
      return { kind: "unreachable", code: remote.error.code };
    case "valid":
      return {
        kind: "valid",
        sha256: remote.sha256,
        moved: !still,
        knowsLocal: local.kind === "valid" && isAncestor(local.sha256, remote.ancestors),
      };
    default:
      return remote;
  }
};

/** A base that belongs to another bucket, or whose bytes are gone, is no ground to call anything a removal. */
const baseKnown = (io: Io, state: State, readable: boolean): BaseKnown => {
  if (state.base.kind !== "content") return state.base.kind;
  return state.store === io.store.name && readable ? "have" : "elsewhere";
};
