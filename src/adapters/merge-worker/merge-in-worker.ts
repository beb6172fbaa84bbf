import type { MergeRequest } from "../../core/merge/merge-request.ts";
import type { MergeOutcome } from "../../core/merge/merge-types.ts";

type Merged = Extract<MergeOutcome, { kind: "merged" }>;

/** What the thread answers: no bytes where the result is one of the documents. */
export type MergeAnswer = Exclude<MergeOutcome, Merged> | (Omit<Merged, "bytes"> & { bytes: Uint8Array | undefined });

/** The file that the thread runs, and the most that its heap may hold. */
export type WorkerLimits = { readonly file: string; readonly heapBytes: number };

const MiB = 1024 * 1024;

/**
 * Merges in a thread of its own, which is ended afterwards. Where the thread fails, also for want of memory, nothing is
 * guessed: `refused`. Never rejects.
 */
export const mergeInWorker = async (request: MergeRequest, limits: WorkerLimits): Promise<MergeOutcome> => {
  try {
    const answer = await answerOf(request, limits);
    if (answer.kind === "refused") return answer;
    const { bytes, equalTo } = answer;
    if (bytes !== undefined) return { ...answer, bytes };
    return { ...answer, bytes: equalTo === "ours" ? request.ours : request.theirs };
  } catch (cause) {
    return { kind: "refused", why: `the merge failed: ${cause instanceof Error ? cause.message : "no cause"}` };
  }
};

/** Loaded when it is needed: a start is short of milliseconds, and few graphs are large. */
const answerOf = async (request: MergeRequest, { file, heapBytes }: WorkerLimits): Promise<MergeAnswer> => {
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(file, {
    name: "kgsync-merge",
    workerData: request,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: Math.max(1, Math.floor(heapBytes / MiB)) },
  });
  try {
    return await new Promise<MergeAnswer>((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("messageerror", reject);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`its thread ended without an answer (${code})`)));
    });
  } finally {
    await worker.terminate();
  }
};
