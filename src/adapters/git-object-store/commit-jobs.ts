import { backoffMs } from "../../core/backoff.ts";
import { KgsyncError, toKgsyncError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { commitMessage } from "./commit-message.ts";
import type { Copy } from "./fetch-head.ts";
import { hasArrived } from "./has-arrived.ts";
import { type Job, judge, leaveUnknown, settle } from "./job.ts";
import { type Pushed, pushCommit } from "./push-commit.ts";
import type { Repository } from "./repository.ts";
import { blobId, formatSidecar, sidecarPath } from "./sidecar.ts";
import { etagOf, type Snapshot, type TreeObject } from "./snapshot.ts";
import { type PathChange, writeCommit } from "./write-commit.ts";

type Opened = Pick<Repository, "copy" | "author" | "known" | "lookAlone" | "learn"> & {
  readonly clock: Clock;
  readonly random: Pick<Random, "fraction">;
};

type Committing = Omit<Opened, "copy"> & { readonly copy: Copy };

/** Each lost race means that another writer got on; a refusal without one is no race. */
const MAX_LOST = 60;
const MAX_REFUSED = 3;

/**
 * Carries the jobs, each of another key, by one commit and one push. What the branch was last seen to hold is believed until
 * the remote says otherwise: the push is conditional on it. Before anybody is told that its condition is false, the remote is
 * asked. Never rejects: each job is answered.
 */
export const commitJobs = async (opened: Opened, jobs: readonly Job[], signal: AbortSignal): Promise<void> => {
  let left = jobs;
  try {
    const at = { ...opened, copy: await opened.copy() };
    const races = createRaces(at);
    for (;;) {
      const snapshot = await snapshotFor(at, left, signal);
      left = left.filter((job) => !settle(snapshot, job));
      if (left.length === 0) return;
      const pushed = await commitOnce(at, snapshot, left, signal);
      if (pushed.kind === "pushed") return;
      if (pushed.kind === "unknown") {
        for (const job of left) leaveUnknown(job, pushed.error);
        return;
      }
      await races.lost(pushed, snapshot, signal);
    }
  } catch (thrown) {
    for (const job of left) job.fail(toKgsyncError(thrown));
  }
};

/** Asks only where a job would fail on what is known. */
const snapshotFor = async (at: Committing, jobs: readonly Job[], signal: AbortSignal): Promise<Snapshot> => {
  const known = at.known();
  return known !== undefined && jobs.every((job) => judge(known, job) === "do") ? known : at.lookAlone(signal);
};

/** Waits before the next try; rejects when there is no use in another one. */
const createRaces = ({ copy, clock, random }: Committing) => {
  let [lost, refused] = [0, 0];
  let refusedAt: Snapshot["commit"];
  return {
    lost: async (pushed: Pushed, { commit }: Snapshot, signal: AbortSignal): Promise<void> => {
      if (pushed.kind === "refused") {
        refused = commit === refusedAt ? refused + 1 : 1;
        refusedAt = commit;
        if (refused >= MAX_REFUSED) throw pushed.error;
      }
      if (++lost >= MAX_LOST)
        throw new KgsyncError("bucket-unavailable", `others pushed to ${copy.remote.branch} before each push of ours`);
      if (lost > 1) await clock.sleep(backoffMs(0, random.fraction()) / 4, signal);
    },
  };
};

const commitOnce = async (
  at: Committing,
  snapshot: Snapshot,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<Pushed> => {
  const time = at.clock.now().wall;
  const expected = snapshot.commit;
  const made = jobs.map((job) => ({ job, ...written(at.copy.remote.folder, snapshot, job, time) }));
  const commit = await writeCommit(
    at.copy,
    {
      parent: expected,
      changes: made.flatMap(({ changes }) => changes),
      message: await commitMessage(at.copy, snapshot, jobs, signal),
      author: await at.author(),
      time,
    },
    signal,
  );
  for (const { sent } of jobs) sent();
  at.learn(undefined);
  const pushed = await findOut(at, await tryPush(at, commit, expected, signal), { commit, expected }, signal);
  if (pushed.kind !== "pushed") return pushed;
  const objects = new Map(snapshot.objects);
  for (const { job, object } of made)
    if (object === undefined) objects.delete(job.key);
    else objects.set(job.key, object);
  at.learn({ commit, committed: time, objects });
  for (const { job, object } of made)
    job.answer(object === undefined ? { outcome: "conflict" } : { outcome: "stored", etag: etagOf(object) });
  return pushed;
};

/** An abort in the middle of a push: nobody knows. */
const tryPush = async (
  { copy }: Committing,
  commit: string,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<Pushed> => {
  try {
    return await pushCommit(copy, commit, expected, signal);
  } catch (thrown) {
    if (signal.aborted) return { kind: "unknown", error: toKgsyncError(thrown) };
    throw thrown;
  }
};

/**
 * What really became of a push whose answer was lost, or that was refused in a way that may be the echo of our own: a
 * request that is sent twice (curl does so on a connection that broke) is refused the second time.
 */
const findOut = async (
  at: Committing,
  pushed: Pushed,
  { commit, expected }: { readonly commit: string; readonly expected: string | undefined },
  signal: AbortSignal,
): Promise<Pushed> => {
  if (pushed.kind === "pushed" || pushed.kind === "lost" || signal.aborted) return pushed;
  const arrived = await hasArrived(at, commit, expected, signal).catch(() => "unknown" as const);
  if (arrived === "yes") return { kind: "pushed" };
  if (arrived === "unknown") return { kind: "unknown", error: pushed.error };
  return arrived === "never" ? { kind: "lost" } : pushed;
};

type Written = { readonly object: TreeObject | undefined; readonly changes: readonly PathChange[] };

/** The object as the commit will have it, and the paths of it and its sidecar. */
const written = (folder: string, snapshot: Snapshot, job: Job, time: number): Written => {
  const { key, put } = job;
  const at = (path: string): string => (folder === "" ? path : `${folder}/${path}`);
  const [path, beside] = [at(key), at(sidecarPath(key))];
  if (put === undefined) return { object: undefined, changes: [{ path }, { path: beside }] };
  const text = formatSidecar({ blob: put.blob, written: time, metadata: put.metadata });
  const object = { blob: put.blob, size: put.size, sidecar: blobId(text, put.blob) };
  // The same bytes and metadata in the same millisecond: a version is told from the one before it all the same.
  const before = snapshot.objects.get(key);
  if (before !== undefined && etagOf(before) === etagOf(object)) return written(folder, snapshot, job, time + 1);
  return {
    object,
    changes: [
      { path, blob: put.blob },
      { path: beside, text },
    ],
  };
};
