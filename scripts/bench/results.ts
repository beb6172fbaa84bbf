/** A start of ours beside a peer's. `ratio`: ours by theirs; `more`: ms that ours takes more. Medians within one round. */
export type StartRow = {
  readonly row: string;
  readonly peer: string;
  readonly ms: number;
  readonly ratio: number;
  readonly more: number;
};

/** Many small files. `ratio`: how many times as long as kgsync it takes. ms, MB. */
export type BulkRow = {
  readonly name: string;
  readonly files: number;
  readonly peer: string;
  readonly wall: number;
  readonly cpu: number;
  readonly rss: number;
  readonly ratio: number;
  readonly requests: string;
};

/** One large graph. `ratio`: our time by theirs. */
export type LargeRow = {
  readonly step: string;
  readonly peer: string;
  readonly ms: number;
  readonly peakMb: number;
  readonly ratio: number;
};

/** `changed`: what the push of a change costs, counted by a proxy and not timed. Sizes in bytes. */
export type LargeResult = {
  readonly size: number;
  readonly rounds: number;
  readonly rows: readonly LargeRow[];
  readonly changed: { readonly requests: string; readonly up: number; readonly down: number };
};

/** At rest, by hour. `ownMb`: memory that no other process shares. */
export type IdleRow = {
  readonly name: string;
  readonly rssMb: number;
  readonly ownMb: number;
  readonly cpuSeconds: number;
  readonly wakeUps: number;
  readonly requests: number;
};

/** Milliseconds: each save until the server had answered for it, less the debounce; each end of the app until kgsync's. */
export type SaveResult = { readonly saves: readonly number[]; readonly exits: readonly number[] };

/** All that one run measured; a part that was not asked for is not there. */
export type Results = {
  readonly start?: readonly StartRow[];
  readonly bulk?: readonly BulkRow[];
  readonly large?: LargeResult;
  readonly idle?: readonly IdleRow[];
  readonly settle?: SaveResult;
  readonly stop?: SaveResult;
};
