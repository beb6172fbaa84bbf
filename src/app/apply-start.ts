import { KgsyncError } from "../core/errors.ts";
import type { Digest } from "../core/version.ts";
import { baseGraph } from "./base-graph.ts";
import { bringMerged } from "./bring-merged.ts";
import type { Budget } from "./budget.ts";
import { type Content, type SeenGraph, sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { keepLosing } from "./keep-losing.ts";
import { noteRemote } from "./learn-remote.ts";
import { pushGraph } from "./push-graph.ts";
import type { GraphPush } from "./push-outcome.ts";
import type { ValidRemote } from "./read-remote.ts";
import type { Reconciliation } from "./reconcile.ts";
import { replaceInvalid } from "./replace-invalid.ts";
import type { StateFolder } from "./state-folder.ts";
import { noteInStep, writeGraph } from "./write-graph.ts";

type Bytes = { readonly bytes: Content; readonly sha256: Digest };

/** `probed` resolves when it is known, and noted, whether the store honours conditions; awaited before the first put. */
export type Apply = {
  readonly probed: () => Promise<void>;
  /** When it was last seen to, for the state that is written anyway: one note for both. Waits for the probe, never rejects. */
  readonly seenAt?: () => Promise<number | undefined>;
  readonly budget: Budget;
  /** A child is started afterwards; see `State`. */
  readonly child: boolean;
};

/** `again`: the sides moved while we looked; look and plan once more. */
export type Applied = "done" | "again";

/** Carries out what the start table said. Rejects with the plan's own code when it says to refuse. */
export const applyStart = async (
  io: Io,
  folder: StateFolder,
  found: Reconciliation,
  apply: Apply,
): Promise<Applied> => {
  const { plan } = found;
  io.log.info("start.plan", "what is to be done with the graph", { plan: plan.do, why: plan.why });
  switch (plan.do) {
    case "refuse":
      throw refusal(io, found, plan);
    case "start-local":
      io.log.warn("start.local", "the app starts on the graph on disk; it is pushed when the bucket is back");
      return "done";
    case "start-empty":
      await folder.replace({
        ...folder.current(),
        store: io.store.name,
        base: { kind: "absent" },
        child: apply.child,
        remote: undefined,
      });
      return "done";
    case "keep":
      return settleEqual(io, folder, found, apply);
    case "pull":
      return pull(io, folder, found, plan, apply);
    case "merge":
      return mergeAtStart(io, folder, found, apply);
    case "create":
      if (plan.alarm) io.log.error("start.remote-gone", "the bucket's graph is gone; the one on disk takes its place");
      await folder.replace({ ...folder.current(), remote: undefined });
      return pushAtStart(io, folder, found, apply);
    case "push":
      return pushAtStart(io, folder, found, apply);
    case "replace-invalid":
      await apply.probed();
      return replaceInvalid(io, folder, found, apply.budget);
  }
};

const INVALID_HINT =
  "Nothing was overwritten. Put a good version in the bucket, or set KGSYNC_ON_INVALID_REMOTE=fallback to take the newest valid one of the disk, the kept versions and the backups.";

const refusal = (
  io: Io,
  { local, remote }: Reconciliation,
  plan: { readonly code: KgsyncError["code"]; readonly why: string },
): KgsyncError => {
  if (remote.kind === "unreachable")
    return new KgsyncError(plan.code, `${remote.error.message}; ${plan.why}`, {
      cause: remote.error,
      hint: remote.error.hint,
    });
  const message = `${plan.why} (graph: ${io.paths.graph}, bucket: ${io.store.name})`;
  if (remote.kind === "invalid") return new KgsyncError(plan.code, message, { hint: INVALID_HINT });
  const hint = `Check the prefix in KGSYNC_BUCKET. To begin without a graph, set KGSYNC_FIRST_BOOT=allow; if this folder was in step with a graph before, also remove ${io.paths.state}.`;
  return new KgsyncError(plan.code, message, local.kind === "absent" ? { hint } : {});
};

/** Ours, when it must give way, is kept whole first. */
const pull = async (
  io: Io,
  folder: StateFolder,
  { local, remote }: Reconciliation,
  plan: { readonly aside: boolean; readonly why: string },
  { probed, seenAt, budget, child }: Apply,
): Promise<Applied> => {
  if (remote.kind !== "valid") throw new RangeError("only a valid graph can be pulled");
  if (plan.aside && (local.kind === "valid" || local.kind === "damaged")) {
    await probed();
    await keepBoth(io, folder, local, remote, plan.why, budget);
  }
  await writeGraph(io, folder, remote, child, seenAt);
  return "done";
};

const keepBoth = async (
  io: Io,
  folder: StateFolder,
  ours: Bytes,
  theirs: ValidRemote,
  why: string,
  budget: Budget,
): Promise<void> => {
  const path = await folder.keepAside(ours.sha256, ours.bytes);
  const key = await keepLosing(io, { base: folder.current().base, ours, theirs }, why, budget);
  io.log.error("start.kept-aside", "the graph on disk gives way to the bucket's; it is kept whole in both places", {
    why,
    path,
    key,
  });
};

const settleEqual = async (
  io: Io,
  folder: StateFolder,
  { local, remote }: Reconciliation,
  { child }: Apply,
): Promise<Applied> => {
  if (remote.kind !== "valid" || local.kind !== "valid") throw new RangeError("only two valid graphs can be equal");
  await keepOwn(io, folder, local);
  await folder.keepBase(local.sha256, local.bytes);
  await noteInStep(io, folder, remote, local.sha256, child);
  return "done";
};

/** The child's own save is its own under another clock too. */
const keepOwn = async (io: Io, folder: StateFolder, local: { sha256: Digest; graph: SeenGraph }): Promise<void> => {
  const state = folder.current();
  if (state.base.kind !== "content" || state.base.sha256 !== state.ownSave || state.ownSave === local.sha256) return;
  const graph = await baseGraph(folder);
  if (graph !== undefined && (await sameGraph(io, graph, local.graph)))
    await folder.replace({ ...state, ownSave: local.sha256 });
};

/** Both sides have changed: ours is merged into the bucket's graph, and then the disk gets the whole. */
const mergeAtStart = async (io: Io, folder: StateFolder, found: Reconciliation, apply: Apply): Promise<Applied> => {
  if (found.remote.kind !== "valid") throw new RangeError("only a valid graph can be merged with");
  await noteRemote(io, folder, folder.current(), found.remote);
  return pushAtStart(io, folder, found, apply);
};

/** Local work of an earlier run goes to the bucket before the app starts, through the same guard and merge as any push. */
const pushAtStart = async (io: Io, folder: StateFolder, found: Reconciliation, apply: Apply): Promise<Applied> => {
  await apply.probed();
  const pushed = await pushGraph(io, folder, { final: true, allowed: undefined }, apply.budget);
  switch (pushed.kind) {
    case "failed":
      throw pushed.error;
    case "held":
      return startHeld(io, folder, found, pushed, apply);
    case "waiting":
      return "again";
    case "stored":
    case "clean":
      if (pushed.kind === "stored") io.log.info("push.stored", "the graph is in the bucket", { bytes: pushed.bytes });
      await bringMerged(io, folder, apply.child);
      return "done";
  }
};

/** Two that cannot be merged: the app starts on the bucket's. Otherwise somebody wrote in between, or the guard says pull. */
const startHeld = async (
  io: Io,
  folder: StateFolder,
  found: Reconciliation,
  held: Extract<GraphPush, { kind: "held" }>,
  apply: Apply,
): Promise<Applied> => {
  if (held.by === "merge" && found.remote.kind === "valid")
    return pull(io, folder, found, { aside: true, why: held.why }, apply);
  // Latched with no graph in the bucket: nothing good is left to start on.
  if (folder.current().latch !== undefined && folder.current().remote === undefined)
    throw new KgsyncError("graph-invalid", `${held.why}, and the bucket has no graph (${io.store.name})`);
  return "again";
};
