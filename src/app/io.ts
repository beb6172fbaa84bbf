import type { IncludedDocument } from "../core/document.ts";
import type { GraphCheck } from "../core/graph.ts";
import type { MergeRequest } from "../core/merge/merge-request.ts";
import type { MergeOutcome, MergePolicy } from "../core/merge/merge-types.ts";
import type { Clock } from "../ports/clock.ts";
import type { FileTree } from "../ports/file-tree.ts";
import type { Sha256, Sha256Stream } from "../ports/hash.ts";
import type { LargeFiles } from "../ports/large-files.ts";
import type { Log, LogFields } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ObjectStore, StoreTraits } from "../ports/object-store.ts";
import type { Progress } from "../ports/progress.ts";
import type { Random } from "../ports/random.ts";
import type { Budget } from "./budget.ts";
import type { DocumentPlace } from "./keys.ts";

/** Absolute paths of what is kept in step. `backups` is `undefined` when the app has none. */
export type Paths = {
  readonly graph: string;
  readonly backups: string | undefined;
  readonly state: string;
  /** Beside the graph; absent: none. */
  readonly documents?: readonly IncludedDocument[] | undefined;
};

/** The settings that the use cases need; a part of the configuration. Times in milliseconds. */
export type Rules = {
  readonly firstBoot: "allow" | "refuse";
  readonly onInvalidRemote: "refuse" | "fallback";
  readonly onUnreachable: "refuse" | "local";
  readonly onConflict: MergePolicy;
  /** Identity keys of single lists, by JSON pointer pattern; see `MergeOptions.identityAt`. */
  readonly mergeKeys: Readonly<Record<string, readonly string[]>> | undefined;
  readonly unsafeStore: "refuse" | "allow";
  /** Of an S3 bucket: how its keys are updated. */
  readonly s3Conditions?: "auto" | "create-only";
  readonly allowShrink: boolean;
  readonly history: number;
  readonly backupsPull:
    | { readonly kind: "all" | "none" | "background" }
    | { readonly kind: "latest"; readonly count: number };
  readonly backupsLimit: number;
  readonly startTimeout: number;
  readonly finalTimeout: number;
};

/** Looks at bytes as a graph: the built-in rules, then the user's command if there is one. */
export type Inspect = (bytes: Uint8Array) => Promise<GraphCheck>;

/** Brings documents together, large ones off the main thread: signals are forwarded meanwhile. Never rejects. */
export type Merge = (request: MergeRequest) => Promise<MergeOutcome>;

/** What a lease says about every put of the graph. */
export type Fence = {
  /** The epoch under which we write. */
  readonly epoch: () => number;
  /** The bucket's graph was written under a later one: somebody else holds the lease, and we must stop. */
  readonly superseded: (epoch: number) => void;
};

/** All that a use case may touch. `files.write` and `store.put` go through the owner's check first. */
export type Io = {
  readonly store: ObjectStore;
  readonly traits?: StoreTraits | undefined;
  readonly files: FileTree;
  readonly clock: Clock;
  readonly log: Log;
  readonly sha256: Sha256;
  readonly sha256Stream: Sha256Stream;
  readonly random: Random;
  readonly inspect: Inspect;
  readonly merge: Merge;
  /** Absent: every graph is read into memory. */
  readonly large?: LargeFiles | undefined;
  readonly paths: Paths;
  /** The document that `paths.graph` is of. */
  readonly document: DocumentPlace;
  readonly rules: Rules;
  /** Called before a graph is put, which waits for it; takes what the budget gives one try, at most. Never rejects. */
  readonly beforePush?: ((budget: Budget, facts: LogFields) => Promise<void>) | undefined;
  /** `undefined` without a lease. */
  readonly fence: Fence | undefined;
  /** Absent: nobody counts. */
  readonly metrics?: Metrics | undefined;
  /** Told before many files are handled one after another, so that the garbage of each need not pile up. May be told again. */
  readonly many?: (() => void) | undefined;
  /** Absent: nobody waits at a terminal. */
  readonly progress?: Progress | undefined;
  /** Names this process in metadata and conflict keys: pod or host, and a random part. */
  readonly writer: string;
};
