import { recoverIntent } from "../core/recover-intent.ts";
import type { State } from "../core/state.ts";
import { baseGraph } from "./base-graph.ts";
import type { Budget } from "./budget.ts";
import { sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { readRemote, type ValidRemote } from "./read-remote.ts";
import type { StateFolder } from "./state-folder.ts";

/** `again`: the state knows now what the bucket holds, and the next try builds on it. */
export type Learned = { readonly kind: "again" } | { readonly kind: "invalid"; readonly why: string };

/**
 * The bucket's graph turned out not to be the version last seen.
 *
 * | remote now | what the state says then |
 * |---|---|
 * | an earlier put of ours | base := what it carried |
 * | gone | nothing is there: the next try creates it, with an alarm |
 * | equal to base by meaning | written once more, nothing in it is new: its etag |
 * | another graph | its etag; its bytes are kept, for the merge |
 * | invalid | as it was: nothing is ever merged with it, or put over it |
 */
export const learnRemote = async (io: Io, folder: StateFolder, budget: Budget): Promise<Learned> => {
  const { remote: seen, store } = folder.current();
  const known = store === io.store.name ? seen : undefined;
  const remote = await budget.attempt((signal) => readRemote(io, signal, known, budget.signal));
  const state = folder.current();
  if (remote.kind === "invalid") return { kind: "invalid", why: remote.why };
  if (remote.kind === "absent") {
    io.log.error("push.remote-gone", "the bucket's graph is gone; the one on disk takes its place");
    await folder.replace({ ...state, remote: undefined });
    return { kind: "again" };
  }
  await noteRemote(io, folder, recoverIntent(state, { remote, disk: undefined }), remote);
  return { kind: "again" };
};

/**
 * From now on puts name this version. Its bytes are kept where they hold more than base: until the app is started anew, each
 * of its saves has to be merged with them.
 */
export const noteRemote = async (io: Io, folder: StateFolder, state: State, remote: ValidRemote): Promise<void> => {
  const { etag, sha256, ancestors, epoch, writer } = remote;
  const own = state.store === io.store.name;
  const base = own ? await baseGraph(folder, state.base) : undefined;
  if (base === undefined || !(await sameGraph(io, base, remote.graph))) await folder.keepBase(sha256, remote.bytes);
  await folder.replace({
    ...state,
    // What another bucket holds is no ground to call anything in this one a removal.
    ...(own ? {} : { store: io.store.name, base: { kind: "none" } as const, otherView: undefined }),
    remote: { etag, sha256, ancestors, epoch, writer },
  });
};
