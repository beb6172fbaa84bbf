/** The methods of the object store. */
export const BUCKET_OPERATIONS = ["get", "head", "list", "put", "delete"] as const;
export type BucketOperation = (typeof BUCKET_OPERATIONS)[number];

/**
 * How a request ended. `absent`: there is no such object. `conflict`, `unknown`: see `PutOutcome`. `aborted`: we ended it,
 * because its time was up or it was not needed any more. The last five are errors.
 */
export const REQUEST_OUTCOMES = [
  "ok",
  "absent",
  "conflict",
  "unknown",
  "aborted",
  "denied",
  "missing",
  "unavailable",
  "unsafe",
  "error",
] as const;
export type RequestOutcome = (typeof REQUEST_OUTCOMES)[number];

/** What came of a look at the graph on disk; see `GraphPush`. */
export const PUSH_RESULTS = ["stored", "clean", "waiting", "held", "failed"] as const;
export type PushResult = (typeof PUSH_RESULTS)[number];

/** `same`: the bucket had it all already. `refused`: nothing was guessed, and ours is kept whole. */
export const MERGE_RESULTS = ["merged", "same", "refused"] as const;

/** To the bucket, or to the disk. */
export const DIRECTIONS = ["up", "down"] as const;

/** With 0, with another code, by a signal. */
export const CHILD_ENDS = ["success", "failure", "signal"] as const;
export type ChildEnd = (typeof CHILD_ENDS)[number];

/** What happens in a run that somebody may count or show. Durations in milliseconds, sizes in bytes. */
export type Happening =
  | {
      readonly type: "request";
      readonly operation: BucketOperation;
      readonly outcome: RequestOutcome;
      readonly ms: number;
      readonly sent: number;
      readonly received: number;
    }
  /** `ahead`: the bucket has what the app has not. `why`: what stands in the way. */
  | {
      readonly type: "push";
      readonly result: PushResult;
      readonly ms: number;
      readonly bytes: number;
      readonly ahead: boolean;
      readonly why: string | undefined;
      /** Of a document beside the graph; absent: of the graph. */
      readonly document?: string;
    }
  /** The pull before an app starts, as a whole. */
  | { readonly type: "pull"; readonly ok: boolean; readonly ms: number }
  /** The graph on disk, whenever it was looked into. */
  | { readonly type: "graph"; readonly bytes: number; readonly leaves: number }
  | {
      readonly type: "backups";
      readonly direction: (typeof DIRECTIONS)[number];
      readonly files: number;
      readonly bytes: number;
    }
  /** `conflicts`: values that gave way. `key`: where they are recorded. */
  | {
      readonly type: "merge";
      readonly result: (typeof MERGE_RESULTS)[number];
      readonly conflicts: number;
      readonly key: string | undefined;
    }
  | { readonly type: "child-started" }
  | { readonly type: "child-ended"; readonly how: ChildEnd }
  | { readonly type: "lease-waiting"; readonly holder: string }
  | { readonly type: "lease-held"; readonly epoch: number }
  /** It was given up, in a hand-over. */
  | { readonly type: "lease-released" }
  | { readonly type: "lease-lost" };
