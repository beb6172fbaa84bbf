import type { Largest, Latch } from "./guard.ts";
import type { Digest, ETag } from "./version.ts";

/**
 * The last local content whose changes are known to be in the bucket. `absent` (we started with no file) is not `none`
 * (nothing is known): against `absent` every key is an addition, without base nothing can be called a removal.
 */
export type Base =
  | { readonly kind: "none" }
  | { readonly kind: "absent" }
  | { readonly kind: "content"; readonly sha256: Digest };

/** The last version seen in the bucket. */
export type RemoteSeen = {
  readonly etag: ETag;
  readonly sha256: Digest;
  readonly ancestors: readonly string[];
  readonly epoch: number | undefined;
};

/**
 * Written before the deed, so that a crash between the deed and the book-keeping can be told from one before it.
 * `put`: our bytes `ours` are about to become the bucket's version `result`, or a part of it. `disk`: `sha256` is about to be
 * on disk, and `base` then is what of it the bucket has.
 */
export type Intent = PutIntent | { readonly kind: "disk"; readonly sha256: Digest; readonly base: Digest };

export type PutIntent = {
  readonly kind: "put";
  readonly ours: Digest;
  readonly result: Digest;
  readonly parent: ETag | undefined;
  readonly writeId: string;
};

/** What outlives a container: one file, replaced atomically. Losing it is safe, only slower and more careful. */
export type State = {
  readonly store: string;
  readonly base: Base;
  /**
   * The child was started on what others have written, and has not saved yet. What its first save lacks of that is how it
   * writes, not what it removed: an older version of an app drops the fields that it does not know. What came from this app
   * itself it knows: there a first save is taken as it is.
   */
  readonly firstSave: boolean;
  /** The file was replaced under the running app, which may have read this one, or still holds base. */
  readonly otherView: Digest | undefined;
  readonly remote: RemoteSeen | undefined;
  readonly intent: Intent | undefined;
  /** Earlier puts whose answer never came, newest first: a version of theirs in the bucket is ours, not somebody else's. */
  readonly lost: readonly PutIntent[];
  /** Local changes are not known to be in the bucket. */
  readonly dirty: boolean;
  readonly largest: Largest | undefined;
  readonly latch: Latch | undefined;
  /** When this store was last seen to honour conditions: Unix milliseconds. */
  readonly probedAt: number | undefined;
};

export const emptyState = (store: string): State => ({
  store,
  base: { kind: "none" },
  firstSave: false,
  otherView: undefined,
  remote: undefined,
  intent: undefined,
  lost: [],
  dirty: false,
  largest: undefined,
  latch: undefined,
  probedAt: undefined,
});
