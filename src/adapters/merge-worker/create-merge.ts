import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { type MergeRequest, mergeRequest } from "../../core/merge/merge-request.ts";
import type { MergeOutcome } from "../../core/merge/merge-types.ts";
import { type MemorySources, memoryLimit } from "./memory-limit.ts";
import { mergeInWorker } from "./merge-in-worker.ts";

/** Where the merge finds what it needs; of the machine it runs on if not given. */
export type MergeMachine = MemorySources & {
  /** The script of the thread. */
  readonly workerFile: string;
};

const MiB = 1024 * 1024;
/** Of all documents together. Below it the merge takes less time than to start a thread and to load it. */
const LARGE = 4 * MiB;
/** Documents that are being merged take ten times their size: above this part of the memory it cannot come to an end. */
const SHARE = 5;
/** The most that the thread may take: the app needs memory too, and to be killed for want of it would end both. */
const HEAP_SHARE = 3;

declare const KGSYNC_VERSION: string | undefined; // by the build

/** In the bundle a file beside the program's (the build puts its `__dirname` for `import.meta.dirname`), else its source. */
const WORKER_NAME = typeof KGSYNC_VERSION === "undefined" ? "merge-worker.ts" : "merge-worker.cjs";

const THIS_MACHINE: MergeMachine = {
  readText: (path) => readFileSync(path, "latin1"),
  totalMemory: totalmem,
  workerFile: join(import.meta.dirname, WORKER_NAME),
};

/**
 * Makes the merge that never blocks the main thread for long, since signals have to be forwarded meanwhile: large documents
 * are merged in a thread. What is too large for the memory that there is, is refused. Never rejects.
 */
export const createMerge =
  (machine: MergeMachine = THIS_MACHINE): ((request: MergeRequest) => Promise<MergeOutcome>) =>
  async (request) => {
    const bytes = sizeOf(request);
    if (bytes < LARGE) return mergeRequest(request);
    const memory = memoryLimit(machine);
    if (bytes > memory / SHARE)
      return { kind: "refused", why: `too large to be merged here (${bytes} bytes, of ${memory} bytes of memory)` };
    return mergeInWorker(request, { file: machine.workerFile, heapBytes: memory / HEAP_SHARE });
  };

const sizeOf = ({ base, otherView, ours, theirs }: MergeRequest): number =>
  (base instanceof Uint8Array ? base.length : 0) + (otherView?.length ?? 0) + ours.length + theirs.length;
