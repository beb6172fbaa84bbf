import { type KgsyncError, toKgsyncError } from "../core/errors.ts";
import { sameMeaning } from "../core/graph.ts";
import { judgeShrink, updateLargest } from "../core/guard.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { keepReplacedVersion } from "./keep-version.ts";
import { meetRemote } from "./meet-remote.ts";
import { putGraph } from "./put-graph.ts";
import { quarantine } from "./quarantine.ts";
import { type LocalRead, readLocal } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * `clean`: nothing that the bucket does not have. `waiting`: the file is being written, look again. `held`: the version is
 * kept, but under the named key, not as the graph. `failed`: not known to be in the bucket.
 */
export type GraphPush =
  | { readonly kind: "clean" }
  | { readonly kind: "stored"; readonly bytes: number }
  | { readonly kind: "waiting" }
  | { readonly kind: "held"; readonly why: string; readonly key: string | undefined }
  | { readonly kind: "failed"; readonly error: KgsyncError };

type ValidLocal = Extract<LocalRead, { kind: "valid" }>;

export type PushGraphOptions = {
  /** Nobody writes any more: what is torn now stays torn, and goes to quarantine as it is. */
  readonly final: boolean;
  /** Digest (or its first digits) that the shrink guard may let pass. */
  readonly allowed: string | undefined;
};

/** Looks at the graph on disk and brings it to the bucket if it is a save: settle → compare with base → guard → put. */
export const pushGraph = async (
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
          ? { kind: "held", why: "the graph is still being written", key: undefined }
          : { kind: "waiting" };
      case "damaged":
        return await pushDamaged(io, local, options, budget);
      case "valid":
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
  return { kind: "held", why: `the graph on disk is damaged: ${local.why}`, key: await quarantine(io, local, budget) };
};

const pushValid = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush> => {
  if (await isNoSave(io, folder, local)) {
    const state = folder.current(); // the app took its change back before it reached the bucket
    if (state.dirty && state.latch === undefined && state.intent === undefined)
      await folder.replace({ ...state, dirty: false });
    return { kind: "clean" };
  }
  const refused = await guard(io, folder, local, options, budget);
  if (refused !== undefined) return refused;
  const { bytes, sha256 } = local;
  const put = await putGraph(io, folder, { bytes, sha256, ours: { bytes, sha256 } }, budget);
  switch (put.kind) {
    case "stored":
      await noteLargest(io, folder, local, isAllowed(io, local, options));
      return { kind: "stored", bytes: bytes.length };
    case "conflict":
      return meetRemote(io, folder, local, budget);
    default:
      return { kind: "failed", error: put.error };
  }
};

/** A version that differs from base in its clock fields only; a base that this bucket is not known to hold counts not. */
const isNoSave = async (io: Io, folder: StateFolder, local: ValidLocal): Promise<boolean> => {
  const { base, remote, store } = folder.current();
  if (base.kind !== "content" || remote === undefined || store !== io.store.name) return false;
  if (base.sha256 === local.sha256) return true;
  const graph = await baseGraph(folder);
  return graph !== undefined && sameMeaning(graph, local.graph);
};

/** The answer when the version must not replace the bucket's graph, after it was put into quarantine. */
const guard = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  options: PushGraphOptions,
  budget: Budget,
): Promise<GraphPush | undefined> => {
  const state = folder.current();
  if (isAllowed(io, local, options)) return undefined;
  const verdict = state.latch === undefined ? judgeShrink(local.graph.leaves, state.largest) : "latch";
  const facts = { leaves: local.graph.leaves, largest: state.largest?.leaves };
  if (verdict === "pass") return undefined;
  if (verdict === "alarm") {
    io.log.warn(
      "guard.alarm",
      "the graph lost half of its facts or more; the version before is kept in the bucket",
      facts,
    );
    await keepReplacedVersion(io, folder, state, budget);
    return undefined;
  }
  if (state.latch === undefined)
    await folder.replace({
      ...state,
      dirty: true,
      latch: { from: local.sha256, leaves: local.graph.leaves, at: io.clock.now().wall },
    });
  const key = await quarantine(io, local, budget);
  const allow = `kgsync push --allow-shrink ${local.sha256.slice(0, 8)}`;
  io.log.error("guard.latched", "the graph lost nearly all of its facts; the bucket's graph is not touched", {
    ...facts,
    key,
    allow,
  });
  return { kind: "held", why: `the shrink guard is latched (to let this version through: ${allow})`, key };
};

const isAllowed = (io: Io, local: ValidLocal, { allowed }: PushGraphOptions): boolean =>
  io.rules.allowShrink || (allowed !== undefined && local.sha256.startsWith(allowed));

/** What a person let through is what later versions are measured by, and only once it is stored does the latch open. */
const noteLargest = async (io: Io, folder: StateFolder, local: ValidLocal, released: boolean): Promise<void> => {
  const state = folder.current();
  const seen = { leaves: local.graph.leaves, sha256: local.sha256, at: io.clock.now().wall };
  const largest = updateLargest(released ? undefined : state.largest, seen);
  if (released || largest !== state.largest) await folder.replace({ ...state, largest, latch: undefined });
};
