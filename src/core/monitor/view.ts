import type { Phase } from "../lifecycle-types.ts";
import type { Chronicle } from "./chronicle.ts";
import type { GraphChange } from "./graph-change.ts";
import type { RequestOutcome } from "./happening.ts";

/** All that probes, metrics and the page tell, at one moment. Times in Unix milliseconds; no secrets. */
export type View = {
  readonly version: string;
  readonly node: string;
  readonly now: number;
  readonly startedAt: number;
  readonly bucket: string;
  readonly phase: Phase;
  readonly phaseSince: number;
  readonly readyWhen: "serving" | "standby";
  /** `kgsync watch`: the app is another container's, which is started once the start is over here. */
  readonly beside: boolean;
  /** Since when local work has been waiting to get to the bucket; `undefined` while there is none. */
  readonly unsyncedSince: number | undefined;
  /** Why it is waiting. */
  readonly why: string | undefined;
  /** When all local work was last seen to be in the bucket. */
  readonly lastSafeAt: number | undefined;
  /** `undefined` where this run does without. */
  readonly lease: LeaseView | undefined;
  /** Who holds the lease while the app runs without the right to push. */
  readonly readonlyUnder: string | undefined;
  readonly chronicle: Chronicle;
  /** The last changes of the graph, newest last. */
  readonly changes: readonly GraphChange[];
};

/** `waitingFor`: who holds it, while we stand by. */
export type LeaseView = {
  readonly held: boolean;
  readonly epoch: number | undefined;
  readonly waitingFor: string | undefined;
};

/** How long local work has been waiting, in milliseconds; 0 while all of it is in the bucket. */
export const unsyncedMs = ({ unsyncedSince, now }: View): number =>
  unsyncedSince === undefined ? 0 : Math.max(0, now - unsyncedSince);

/**
 * Where the app's work is. `waiting`: some of it is only on the disk. `readonly`: it is not to be pushed. `unknown`: the disk was
 * not looked into yet. `ahead`: all of it is in the bucket, and so is what others wrote and the app has not seen.
 */
export type DataState = "waiting" | "readonly" | "unknown" | "ahead" | "in-step";

export const dataState = ({ unsyncedSince, readonlyUnder, lastSafeAt, chronicle }: View): DataState => {
  if (unsyncedSince !== undefined) return "waiting";
  if (readonlyUnder !== undefined) return "readonly";
  if (lastSafeAt === undefined) return "unknown";
  return chronicle.ahead ? "ahead" : "in-step";
};

const TROUBLE: Readonly<Partial<Record<RequestOutcome, string>>> = {
  denied: "was denied",
  missing: "found no bucket",
  unknown: "had no answer",
  unsafe: "had its condition refused",
};

/** Why local work is waiting: what a push has ended by, or what stands in the way of the one that goes on. */
export const whyWaiting = ({ why, chronicle: { trouble } }: View): string | undefined =>
  trouble === undefined
    ? why
    : (why ?? `the last request (${trouble.operation}) ${TROUBLE[trouble.outcome] ?? "did not get through"}`);
