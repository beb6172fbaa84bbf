import type { KgsyncError } from "../core/errors.ts";

export type Watched = {
  /** The graph, in place or replaced by rename. It need not exist yet; its folder should. */
  readonly file: string;
  /** Folders whose files, and those of their direct subfolders, are watched (the backups). */
  readonly folders: readonly string[];
};

/**
 * Calls back when something may have changed. It is a hint: it may come late, twice, without a change, or not at all (network
 * mounts, changes by another machine, deeper folders): the timer is the truth. Calls within one turn of the event loop are
 * one. `onUnavailable` is called at most once, when some part cannot be watched (no inotify watch left, the graph's folder
 * missing); the rest stays watched. A missing folder beside the graph is watched from when it appears, elsewhere not at all. Nothing throws; neither callback is called after `close`, which may be called twice.
 */
export type Watch = (
  watched: Watched,
  onHint: () => void,
  onUnavailable: (why: KgsyncError) => void,
) => { readonly close: () => void };
