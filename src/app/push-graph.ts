import { backoffMs } from "../core/backoff.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { isBehind } from "../core/is-behind.ts";
import type { State } from "../core/state.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import { sameGraph, sizeOf } from "./content.ts";
import { guardShrink, noteLargest } from "./guard-shrink.ts";
import { integrate } from "./integrate.ts";
import type { Io } from "./io.ts";
import { learnRemote } from "./learn-remote.ts";
import { mayBeCut } from "./may-be-cut.ts";
import type { GraphPush, PushGraphOptions } from "./push-outcome.ts";
import { putGraph } from "./put-graph.ts";
import { quarantine } from "./quarantine.ts";
import { type LocalRead, readLocal } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

type ValidLocal = Extract<LocalRead, { kind: "valid" }>;

/** Looks at the graph on disk and brings it to the bucket if it is a save: settle → compare with base → guard → merge → put. */
export const pushGraph = async (
  io: Io,
  folder: StateFolder,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush> => {
  const startedAt = io.clock.now().mono;
  const pushed = await lookAndPush(io, folder, options, budget);
  io.metrics?.note({
    type: "push",
    result: pushed.kind,
    ms: io.clock.now().mono - startedAt,
    bytes: pushed.kind === "stored" ? pushed.bytes : 0,
    ahead: isBehind(folder.current()),
    why: pushed.kind === "held" ? pushed.why : pushed.kind === "failed" ? pushed.error.message : undefined,
  });
  return pushed;
};

const lookAndPush = async (
  io: Io,
  folder: StateFolder,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush> => {
  try {
    const local = await readLocal(io);
    switch (local.kind) {
      case "absent":
        return { kind: "clean" }; // never a deletion: what is missing here stays in the bucket
      case "moving":
        return options.final
          ? { kind: "held", by: "damage", why: "the graph is still being written", key: undefined }
          : { kind: "waiting" };
      case "damaged":
        return await pushDamaged(io, local, options, budget);
      case "valid":
        if (!options.final && (await mayBeCut(io, folder, local))) return { kind: "waiting" };
        return await pushValid(io, folder, local, options, budget);
    }
  } catch (thrown) {
    return { kind: "failed", error: toKgsyncError(thrown) };
  }
};

const pushDamaged = async (
  io: Io,
  local: Extract<LocalRead, { kind: "damaged" }>,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush> => {
  if (local.torn && !options.final) return { kind: "waiting" };
  const why = `the graph on disk is damaged: ${local.why}`;
  return { kind: "held", by: "damage", why, key: await quarantine(io, local, budget) };
};

/** A lost race is merged and tried again, until the time is up: whoever loses has seen another one get through. */
const pushValid = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush> => {
  let announced = false;
  const announce = async (): Promise<void> => {
    if (!announced)
      await io.beforePush?.(budget, { sha256: local.sha256, bytes: sizeOf(local.bytes), final: options.final });
    announced = true;
  };
  for (let n = 0; !budget.signal.aborted; n++) {
    if (n > 1) await pause(io, n - 2, budget);
    const tried = await tryOnce(io, folder, local, { ...options, announce }, budget);
    if (tried !== "again") return tried;
    const learned = await learnRemote(io, folder, budget);
    if (learned.kind === "invalid") {
      const why = `the bucket's graph was replaced by an invalid one: ${learned.why}`;
      return { kind: "held", by: "remote", why, key: await quarantine(io, local, budget) };
    }
  }
  const message = `somebody else wrote the graph in ${io.store.name} each time before ours could be put`;
  return { kind: "failed", error: new KgsyncError("bucket-unavailable", message) };
};

/** Never so short that many tries fit into what is left of the time. */
const pause = ({ clock, random }: Io, n: number, budget: Budget): Promise<void> =>
  clock.sleep(Math.max(SHORTEST_MS, Math.min(backoffMs(n, random.fraction()), budget.remaining() / 4)), budget.signal);

const SHORTEST_MS = 20;

const tryOnce = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  options: PushGraphOptions & { readonly announce: () => Promise<void> },
  budget: Budget,
): Promise<GraphPush | "again"> => {
  if (await isNoSave(io, folder, local)) {
    await noteNoSave(folder, local);
    return { kind: "clean" };
  }
  const fenced = await fencedOff(io, folder, local, budget);
  const refused = fenced ?? (await guardShrink(io, folder, local, options, budget));
  if (refused !== undefined) return refused;
  await options.announce();
  const ours = { bytes: local.bytes, sha256: local.sha256 };
  const integrated = await integrate(io, folder, local, budget);
  switch (integrated.kind) {
    case "moved":
      return "again";
    case "refused": {
      const key = await quarantine(io, local, budget);
      io.log.error("merge.refused", "our version cannot be merged with the bucket's; it is kept whole beside it", {
        why: integrated.why,
        key,
      });
      return { kind: "held", by: "merge", why: `it could not be merged: ${integrated.why}`, key };
    }
    case "same":
      await noteIntegrated(io, folder, local);
      await noteLargest(io, folder, local, options);
      return { kind: "clean" };
    default: {
      const result = integrated.kind === "plain" ? ours : integrated;
      const own = folder.current().child;
      const put = await putGraph(io, folder, { bytes: result.bytes, sha256: result.sha256, ours, own }, budget);
      if (put.kind === "conflict" || put.kind === "overtaken") return "again";
      if (put.kind !== "stored") return { kind: "failed", error: put.error };
      await noteLargest(io, folder, local, options);
      return { kind: "stored", bytes: sizeOf(result.bytes) };
    }
  }
};

/** A version that differs from base in its clock fields only; a base that this bucket is not known to hold counts not. */
const isNoSave = async (io: Io, folder: StateFolder, local: ValidLocal): Promise<boolean> => {
  const { base, remote, store, otherView } = folder.current();
  if (base.kind !== "content" || remote === undefined || store !== io.store.name) return false;
  if (base.sha256 === local.sha256) return true;
  // What was written under the app is not its save; anything else is, and tells which of the two the app holds.
  if (otherView !== undefined) return otherView === local.sha256;
  const graph = await baseGraph(folder);
  return graph !== undefined && (await sameGraph(io, graph, local.graph));
};

/** The app took its change back before it reached the bucket, or it has written what it was started on, and lost nothing. */
const noteNoSave = async (folder: StateFolder, local: ValidLocal): Promise<void> => {
  const state = folder.current();
  const { base, child, otherView } = state;
  const written = child && otherView === undefined && base.kind === "content" && base.sha256 !== local.sha256;
  const next: State = {
    ...state,
    dirty: state.dirty && (state.latch !== undefined || state.intent !== undefined),
    ownSave: written ? base.sha256 : state.ownSave,
  };
  if (next.dirty !== state.dirty || next.ownSave !== state.ownSave) await folder.replace(next);
};

/** The bucket's graph holds our changes already, by somebody's merge or because both did the same: base := ours. */
const noteIntegrated = async (io: Io, folder: StateFolder, { sha256, bytes }: ValidLocal): Promise<void> => {
  await folder.keepBase(sha256, bytes);
  const state = folder.current();
  await folder.replace({
    ...state,
    store: io.store.name,
    base: { kind: "content", sha256 },
    ownSave: state.child ? sha256 : state.ownSave,
    otherView: undefined,
    dirty: false,
  });
  await folder.dropOldBases();
};

/** Who writes under an earlier epoch than the bucket's has lost the lease, and may not have noticed: it was paused. */
const fencedOff = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  budget: Budget,
): Promise<GraphPush | undefined> => {
  const epoch = folder.current().remote?.epoch;
  if (io.fence === undefined || epoch === undefined || epoch <= io.fence.epoch()) return undefined;
  io.fence.superseded(epoch);
  const why = `somebody else holds the lease (epoch ${epoch}, ours was ${io.fence.epoch()})`;
  return { kind: "held", by: "fence", why, key: await quarantine(io, local, budget) };
};
