export type StoredInGcs = {
  readonly body: Buffer;
  readonly generation: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly created: Date;
};

export type GcsSession = {
  readonly key: string;
  readonly condition: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string;
  body: Buffer;
  done: StoredInGcs | undefined;
};

export type GcsState = {
  readonly objects: Map<string, StoredInGcs>;
  readonly sessions: Map<string, GcsSession>;
  /** Of the last write: no two have the same, of whatever object. */
  generation: bigint;
};

export const createGcsState = (): GcsState => ({
  objects: new Map(),
  sessions: new Map(),
  generation: 1_700_000_000_000_000n, // as Google's: microseconds, beyond what a float holds exactly when squared
});

/** Stores past all conditions. */
export const storeInGcs = (
  state: GcsState,
  key: string,
  body: Buffer,
  metadata: Readonly<Record<string, string>> = {},
  contentType = "application/octet-stream",
): StoredInGcs => {
  state.generation += 1n;
  const stored = { body, generation: String(state.generation), metadata, contentType, created: new Date() };
  state.objects.set(key, stored);
  return stored;
};

/** `ifGenerationMatch` (docs.cloud.google.com/storage/docs/request-preconditions): 0 for an object that is not there. */
export const holds = (state: GcsState, key: string, condition: string | null): boolean =>
  condition === null || (state.objects.get(key)?.generation ?? "0") === condition;
