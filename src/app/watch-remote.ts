import { toKgsyncError } from "../core/errors.ts";
import { isBehind } from "../core/is-behind.ts";
import type { State } from "../core/state.ts";
import { baseGraph } from "./base-graph.ts";
import { sameGraph } from "./content.ts";
import type { Io } from "./io.ts";
import { readRemote } from "./read-remote.ts";
import type { StateFolder } from "./state-folder.ts";

/** `changed` is called again at each look for as long as the bucket has what the app has not. */
export type WatchRemote = {
  readonly io: Io;
  readonly folder: StateFolder;
  readonly intervalMs: number;
  /** One request's limit. */
  readonly attemptMs: number;
  readonly changed: () => void;
};

/** One HEAD of the graph per interval; the graph itself is read only where that shows another version. Answers how to end it. */
export const watchRemote = ({ io, folder, intervalMs, attemptMs, changed }: WatchRemote): (() => void) => {
  const over = new AbortController();
  const isChange = createIsChange(io, folder);
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    const limit = io.clock.timeout(attemptMs, over.signal);
    try {
      if ((await isChange(limit.signal)) && !over.signal.aborted) changed();
    } catch (thrown) {
      // The push tells of an outage, and only when there is something to send.
      io.log.debug("remote.not-seen", "the bucket's graph could not be looked at", { err: toKgsyncError(thrown) });
    } finally {
      limit.cancel();
      if (!over.signal.aborted) next();
    }
  };
  const next = (): void => {
    cancel = io.clock.after(intervalMs, () => void look());
  };
  next();
  return () => {
    over.abort();
    cancel();
  };
};

/**
 * The bucket has another version than we know, or we know that it has what the app has not. Equal by meaning is no change: the
 * app would be started anew for nothing, and at each look again.
 */
const createIsChange = (io: Io, folder: StateFolder) => {
  let judged: { readonly what: string; readonly changed: boolean } | undefined;
  return async (signal: AbortSignal): Promise<boolean> => {
    const before = folder.current();
    const head = await io.store.head(io.document.key, signal);
    if (head === undefined || hasMoved(folder, before)) return false;
    if (head.etag === before.remote?.etag && !isBehind(before)) return false;
    const what = `${head.etag} ${before.base.kind === "content" ? before.base.sha256 : before.base.kind}`;
    if (judged?.what === what) return judged.changed;
    const [remote, base] = await Promise.all([readRemote(io, signal, before.remote), baseGraph(folder)]);
    if (hasMoved(folder, before) || (remote.kind !== "absent" && remote.etag !== head.etag)) return false;
    if (remote.kind === "invalid")
      io.log.warn("remote.invalid", "the bucket's graph was replaced by an invalid one; the app goes on with its own", {
        why: remote.why,
      });
    const isSame = remote.kind === "valid" && base !== undefined && (await sameGraph(io, base, remote.graph));
    judged = { what, changed: remote.kind === "valid" && !isSame };
    return judged.changed;
  };
};

/** A put of ours came or is coming meanwhile: what was seen may be that. The next look tells. */
const hasMoved = (folder: StateFolder, before: State): boolean => {
  const { remote, intent } = folder.current();
  return intent?.kind === "put" || remote?.etag !== before.remote?.etag;
};
