import { backoffMs } from "../core/backoff.ts";
import { KgsyncError } from "../core/errors.ts";
import { judgeShrink, updateLargest } from "../core/guard.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { keepReplacedVersion } from "./keep-version.ts";
import { versionKey } from "./keys.ts";
import { isCut } from "./may-be-cut.ts";
import type { GraphPush, PushGraphOptions } from "./push-outcome.ts";
import { quarantine } from "./quarantine.ts";
import type { LocalRead } from "./read-local.ts";
import type { StateFolder } from "./state-folder.ts";

type ValidLocal = Extract<LocalRead, { kind: "valid" }>;

/**
 * The answer when the version must not replace the bucket's graph, after it was put into quarantine. It is measured against
 * what this app had, not against the bucket: what others added there is not in its view. A faithful merge would spread the
 * disaster too.
 */
export const guardShrink = async (
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
  if (verdict === "pass") return (await isCut(io, folder, local.bytes)) ? keepWhole(io, folder, budget) : undefined;
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
  const why = `the shrink guard is latched (to let this version through: ${allow})`;
  return { kind: "held", by: "guard", why, key };
};

/**
 * Nobody can say whether the end was removed or the app was killed in the middle of a save. It is taken for a save, and only
 * when the version before is in the bucket under a name of its own.
 */
const keepWhole = async (io: Io, folder: StateFolder, budget: Budget): Promise<GraphPush | undefined> => {
  const { remote } = folder.current();
  if (remote === undefined) return undefined;
  const key = versionKey(io.document, remote.sha256);
  for (let n = 0; !(await keepReplacedVersion(io, folder, folder.current(), budget)); n++) {
    if (budget.signal.aborted) {
      const message = `the version before, of which this one is the first part, could not be kept as ${key}`;
      return { kind: "failed", error: new KgsyncError("bucket-unavailable", message) };
    }
    await io.clock.sleep(Math.max(SHORTEST_MS, backoffMs(n, io.random.fraction())), budget.signal);
  }
  io.log.warn(
    "guard.cut",
    "the end of the graph is gone: removed, or cut off; the version before is kept in the bucket",
    {
      key,
    },
  );
  return undefined;
};

/** As for any put: never so short that many tries fit into the end of the time. */
const SHORTEST_MS = 20;

const isAllowed = (io: Io, local: ValidLocal, { allowed }: PushGraphOptions): boolean =>
  io.rules.allowShrink || (allowed !== undefined && local.sha256.startsWith(allowed));

/** What a person let through is what later versions are measured by, and only once it is stored does the latch open. */
export const noteLargest = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  options: PushGraphOptions,
): Promise<void> => {
  const state = folder.current();
  const released = isAllowed(io, local, options);
  const seen = { leaves: local.graph.leaves, sha256: local.sha256, at: io.clock.now().wall };
  const largest = updateLargest(released ? undefined : state.largest, seen);
  if (released || largest !== state.largest) await folder.replace({ ...state, largest, latch: undefined });
};
