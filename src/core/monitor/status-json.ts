import { instantText } from "../instant-text.ts";
import type { Chronicle } from "./chronicle.ts";
import { allOk, readyChecks, startupChecks } from "./probes.ts";
import { dataState, unsyncedMs, type View, whyWaiting } from "./view.ts";

const time = (wall: number | undefined): string | undefined => (wall === undefined ? undefined : instantText(wall));

/** `/status`: what is known, as plain JSON; times as RFC 3339, durations in seconds. Members are only ever added. */
export const statusJson = (view: View) => ({
  format: 1,
  version: view.version,
  node: view.node,
  now: time(view.now),
  startedAt: time(view.startedAt),
  phase: view.phase,
  phaseSince: time(view.phaseSince),
  started: allOk(startupChecks(view)),
  ready: allOk(readyChecks(view)),
  bucket: view.bucket,
  trouble: troubleOf(view.chronicle),
  data: {
    state: dataState(view),
    unsyncedAgeSeconds: unsyncedMs(view) / 1000,
    unsyncedSince: time(view.unsyncedSince),
    why: view.unsyncedSince === undefined ? undefined : whyWaiting(view),
    lastSafeAt: time(view.lastSafeAt),
    bucketAhead: view.chronicle.ahead,
    conflicts: view.chronicle.conflicts,
    lastConflictAt: time(view.chronicle.lastConflictAt),
  },
  app: {
    up: view.chronicle.child.up,
    since: time(view.chronicle.child.since),
    starts: view.chronicle.child.starts,
  },
  lease: view.lease === undefined ? undefined : { ...view.lease, readonlyUnder: view.readonlyUnder },
  graph: graphOf(view.chronicle),
  lastPull: view.chronicle.pull === undefined ? undefined : dated(view.chronicle.pull),
  pushes: view.chronicle.pushes.map(dated),
  merges: view.chronicle.merges.map(dated),
});

const troubleOf = ({ trouble }: Chronicle) =>
  trouble === undefined ? undefined : { ...trouble, since: time(trouble.since) };

const graphOf = ({ samples }: Chronicle) => {
  const last = samples.at(-1);
  return last === undefined ? undefined : dated(last);
};

const dated = <T extends { readonly at: number; readonly type?: string; readonly ms?: number }>(happening: T) => {
  const { at, type: _type, ms, ...rest } = happening;
  return { at: time(at), ...(ms === undefined ? {} : { seconds: Math.round(ms) / 1000 }), ...rest };
};
