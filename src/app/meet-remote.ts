import { sameMeaning } from "../core/graph.ts";
import { recoverIntent } from "../core/recover-intent.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { keepLosing } from "./keep-losing.ts";
import type { GraphPush } from "./push-graph.ts";
import { putGraph } from "./put-graph.ts";
import { quarantine } from "./quarantine.ts";
import type { LocalRead } from "./read-local.ts";
import { readRemote } from "./read-remote.ts";
import type { StateFolder } from "./state-folder.ts";

type ValidLocal = Extract<LocalRead, { kind: "valid" }>;

/**
 * The bucket's graph turned out not to be the version last seen. Nothing is overwritten: the state keeps naming the old
 * version, so that every later put conflicts too until the two are brought together.
 *
 * | remote now | do |
 * |---|---|
 * | an earlier put of ours | base := what it carried; look again |
 * | gone | put ours again, as a creation, with an alarm |
 * | equal to base by meaning | written again, nothing in it is new: look again, with its etag |
 * | equal by meaning | somebody saved the same: base := ours |
 * | invalid | ours to quarantine |
 * | another graph | ours, whole, to conflicts/ (the place of the merge) |
 */
export const meetRemote = async (
  io: Io,
  folder: StateFolder,
  local: ValidLocal,
  budget: Budget,
): Promise<GraphPush> => {
  const remote = await budget.attempt((signal) => readRemote(io, signal));
  const state = folder.current();
  switch (remote.kind) {
    case "absent": {
      io.log.error("push.remote-gone", "the bucket's graph is gone; the one on disk takes its place");
      await folder.replace({ ...state, remote: undefined });
      const { bytes, sha256 } = local;
      const put = await putGraph(io, folder, { bytes, sha256, ours: { bytes, sha256 } }, budget);
      if (put.kind === "stored") return { kind: "stored", bytes: bytes.length };
      return put.kind === "conflict" ? { kind: "waiting" } : { kind: "failed", error: put.error };
    }
    case "invalid": {
      const key = await quarantine(io, local, budget);
      return { kind: "held", why: `the bucket's graph was replaced by an invalid one: ${remote.why}`, key };
    }
    case "valid": {
      const recovered = recoverIntent(state, { remote, disk: undefined });
      if (recovered.remote?.etag === remote.etag) {
        await folder.replace(recovered); // an earlier put of ours whose answer was lost: the next try builds on it
        return { kind: "waiting" };
      }
      const base = state.store === io.store.name ? await baseGraph(folder) : undefined;
      if (base !== undefined && sameMeaning(remote.graph, base)) {
        const { etag, sha256, ancestors } = remote;
        await folder.replace({ ...state, remote: { etag, sha256, ancestors } });
        return { kind: "waiting" };
      }
      if (sameMeaning(remote.graph, local.graph)) {
        await folder.keepBase(local.sha256, local.bytes);
        const { etag, sha256, ancestors } = remote;
        await folder.replace({
          ...state,
          store: io.store.name,
          base: { kind: "content", sha256: local.sha256 },
          remote: { etag, sha256, ancestors },
          dirty: false,
        });
        return { kind: "clean" };
      }
      const why = "the bucket's graph was changed by somebody else";
      const key = await keepLosing(io, { base: state.base, ours: local, theirs: remote, why }, budget);
      io.log.error("push.conflict", "the bucket's graph was changed by somebody else; ours is kept whole beside it", {
        key,
      });
      return { kind: "held", why, key };
    }
  }
};
