// The thread that merges large documents; in dist/ a bundle of its own, dist/merge-worker.cjs.
import { parentPort, workerData } from "node:worker_threads";
import { type MergeRequest, mergeRequest } from "../../core/merge/merge-request.ts";
import type { MergeAnswer } from "./merge-in-worker.ts";

const request: MergeRequest = workerData;
const outcome = mergeRequest(request);
// A document that was sent need not be sent back.
const answer: MergeAnswer =
  outcome.kind === "merged" && outcome.equalTo !== undefined ? { ...outcome, bytes: undefined } : outcome;
parentPort?.postMessage(answer);
