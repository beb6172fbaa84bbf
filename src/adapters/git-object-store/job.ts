import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { Metadata, PutMode, PutOutcome } from "../../ports/object-store.ts";
import { etagOf, obstacle, type Snapshot } from "./snapshot.ts";

/** A put whose body is staged, or a deletion (`put` undefined); answered by one of the two calls, once. */
export type Job = {
  readonly key: Key;
  readonly put:
    | { readonly blob: string; readonly size: number; readonly mode: PutMode; readonly metadata: Metadata }
    | undefined;
  readonly signal: AbortSignal;
  /** A push that may carry it begins. */
  readonly sent: () => void;
  /** Of a deletion that is done, `conflict`: nobody looks at it. */
  readonly answer: (outcome: PutOutcome) => void;
  readonly fail: (error: KgsyncError) => void;
};

/** `done`: to delete what is not there. `denied`: why it cannot be done. */
type Judged = "do" | "conflict" | "done" | { readonly denied: string };

/** What becomes of the job on a branch that holds this. */
export const judge = (snapshot: Snapshot, { key, put }: Job): Judged => {
  const there = snapshot.objects.get(key);
  if (put === undefined) return there === undefined ? "done" : "do";
  if (put.mode.mode === "create" && there !== undefined) return "conflict";
  if (put.mode.mode === "update" && (there === undefined || etagOf(there) !== put.mode.etag)) return "conflict";
  const denied = obstacle(snapshot, key);
  return denied === undefined ? "do" : { denied };
};

/** Answers the job if there is nothing to be done for it. */
export const settle = (snapshot: Snapshot, job: Job): boolean => {
  if (job.signal.aborted) {
    abandon(job);
    return true;
  }
  const judged = judge(snapshot, job);
  if (judged === "do") return false;
  if (typeof judged === "object") job.fail(new KgsyncError("bucket-denied", `${job.key}: ${judged.denied}`));
  else job.answer({ outcome: "conflict" });
  return true;
};

/** Whoever wanted it has gone. */
export const abandon = ({ key, signal, fail }: Job): void =>
  fail(new KgsyncError("bucket-unavailable", `a write of ${key} was aborted`, { cause: signal.reason }));

/** The push's answer was lost. */
export const leaveUnknown = (job: Job, error: KgsyncError): void => {
  if (job.put === undefined) job.fail(error);
  else job.answer({ outcome: "unknown", cause: error });
};
