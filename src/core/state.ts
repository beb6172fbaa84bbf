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
  /** Who wrote it, if that is known: for the history, when it is replaced. */
  readonly writer?: string | undefined;
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
  /** `ours` was saved by the child, not by a person between two runs. */
  readonly own: boolean;
};

/** What outlives a container: one file, replaced atomically. Losing it is safe, only slower and more careful. */
export type State = {
  readonly store: string;
  readonly base: Base;
  /** A child was started, and no last push has seen the disk in step after its end: what differs from base is its save. */
  readonly child: boolean;
  /** The last base that a child of this folder is known to have written itself, or to have lost nothing of. */
  readonly ownSave: Digest | undefined;
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
  child: false,
  ownSave: undefined,
  otherView: undefined,
  remote: undefined,
  intent: undefined,
  lost: [],
  dirty: false,
  largest: undefined,
  latch: undefined,
  probedAt: undefined,
});

/**
 * What differs from base is a child's save, and base came from elsewhere: what the save lacks of it is how the app writes, not
 * what it removed. An older version of an app drops the fields that it does not know. What this folder's app itself has
 * written it knows, and a person's edit between two runs is meant as it is.
 */
export const isFirstSave = ({ base, child, ownSave }: Pick<State, "base" | "child" | "ownSave">): boolean =>
  child && base.kind === "content" && base.sha256 !== ownSave;
