import { describeCommit, type Step } from "./describe-commit.ts";
import type { Copy } from "./fetch-head.ts";
import type { Job } from "./job.ts";
import { readBlobs } from "./read-blobs.ts";
import type { Snapshot, TreeObject } from "./snapshot.ts";

/** A document that is larger is not compared for the message. */
const MAX_DOCUMENT = 4 << 20;

const TRAILERS = [
  ["kgsync-writer", "Kgsync-Writer"],
  ["kgsync-sha256", "Kgsync-Sha256"],
] as const;

/** What the jobs do to the snapshot, in words. */
export const commitMessage = async (
  copy: Copy,
  { objects }: Snapshot,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<string> => {
  const steps: Step[] = [];
  for (const { key, put } of jobs) {
    const before = objects.get(key);
    if (put === undefined) steps.push({ key, kind: "removed" });
    else if (before === undefined) steps.push({ key, kind: "added" });
    else steps.push(await changedStep(copy, key, before, put, signal));
  }
  return describeCommit(steps, trailersOf(jobs));
};

/** Of the documents only: each backup has a digest of its own. */
const trailersOf = (jobs: readonly Job[]): ReadonlyMap<string, string> => {
  const documents = jobs.flatMap(({ key, put }) => (put !== undefined && !key.includes("/") ? [put.metadata] : []));
  return new Map(
    TRAILERS.flatMap(([name, trailer]) =>
      documents.flatMap((metadata) => (metadata[name] === undefined ? [] : [[trailer, metadata[name]] as const])),
    ),
  );
};

const changedStep = async (
  { git }: Copy,
  key: string,
  before: TreeObject,
  after: { readonly blob: string; readonly size: number },
  signal: AbortSignal,
): Promise<Step> => {
  const plain = { key, kind: "changed" } as const;
  if (key.startsWith(".kgsync/") || !key.endsWith(".json") || before.size + after.size > MAX_DOCUMENT) return plain;
  const [from, to] = await readBlobs(git, [before.blob, after.blob], signal);
  return { ...plain, before: from, after: to };
};
