import type { Key } from "../core/key.ts";
import type { Digest, ETag } from "../core/version.ts";

/** How a put may find the key: RFC 9110 §13.1 (`If-None-Match: *`, `If-Match`), or whatever is there. */
export type PutMode =
  | { readonly mode: "create" }
  | { readonly mode: "update"; readonly etag: ETag }
  | { readonly mode: "overwrite" };

/**
 * A lost race is an answer, not an error, and a lost answer is a third one.
 * `conflict`: the condition was false, nothing was written (also: `update` of a key that is gone).
 * `unknown`: the request may or may not have been applied; read the object before trying again.
 */
export type PutOutcome =
  | { readonly outcome: "stored"; readonly etag: ETag }
  | { readonly outcome: "conflict" }
  | { readonly outcome: "unknown"; readonly cause: unknown };

/** User metadata: names in lower case, `a-z0-9-`; values printable ASCII, all together below 2 KB. */
export type Metadata = Readonly<Record<string, string>>;

export type ObjectMeta = {
  readonly etag: ETag;
  readonly size: number;
  readonly metadata: Metadata;
};

export type StoredObject = ObjectMeta & { readonly body: Uint8Array };

/** An object without its bytes, because it has more of them than were asked for. */
export type LargeObject = ObjectMeta & { readonly body?: undefined };

/** Takes bytes by position, in any order; the same ones may come twice. The buffer is the caller's again once it resolves. */
export type Target = (offset: number, bytes: Uint8Array) => Promise<void>;

/** One row of a listing. Stores list no metadata. */
export type ListedObject = {
  readonly name: string;
  readonly size: number;
  readonly etag: ETag;
  readonly modified: number;
};

/**
 * Reads up to `length` bytes from `offset` on; none at the end. Whoever has room for them may offer it, `into`, which saves an
 * allocation where it is used; the answer says where the bytes are.
 */
export type ReadAt = (offset: number, length: number, into?: Uint8Array) => Promise<Uint8Array>;

/** Bytes to send: in memory, or read piece by piece by position (a large file is never whole in memory). */
export type Body =
  | Uint8Array
  | {
      readonly size: number;
      readonly read: ReadAt;
      /** If it is known: what can be signed before it is read can go in one request. */
      readonly sha256?: Digest;
    };

export type PutOptions = {
  readonly contentType: string;
  readonly metadata: Metadata;
  /**
   * The condition counts more than the speed: nothing is sent in a way (in parts) in which a server may ignore a condition that
   * it honours otherwise. Of a body whose digest is not known nobody can promise that.
   */
  readonly strict?: boolean;
};

/** What is known of a kind of store before anybody asks it; absent: nothing special. */
export type StoreTraits = {
  /** It cannot but honour conditions, and whatever a probe writes would stay in its history. */
  readonly conditional: boolean;
  /** How many objects to send or fetch at once. */
  readonly lanes: number;
};

/**
 * A bucket and prefix, reduced to what this program needs. Keys are relative to the prefix.
 *
 * Every method rejects with a KgsyncError (`bucket-denied`, `bucket-missing`, `bucket-unavailable`; a put also with
 * `store-unsafe` where the server refuses conditions, and with the error of its body's own `read`; a store that needs a program
 * or a folder on this machine also with `config-invalid` or `disk`) and nothing else, ends
 * soon after `signal` aborts, and never waits without a limit. Reads may be called again after a rejection.
 * `put` with `create` or `update` sends its condition once: a retry would turn our own success into a conflict.
 * `put` never rejects with a retryable error once the request may have left: that is `unknown`.
 * An absent key is `undefined`, told apart from a denied one and from a missing bucket.
 * Every implementation passes test/conformance/object-store.ts.
 */
export type ObjectStore = {
  /** Where this is, for messages and caches: scheme, endpoint, bucket and prefix; never a secret. */
  readonly name: string;
  readonly get: (key: Key, signal: AbortSignal) => Promise<StoredObject | undefined>;
  /** As `get`, but of an object of more than `limit` bytes only what `head` answers: `fetch` brings the rest. */
  readonly peek: (key: Key, limit: number, signal: AbortSignal) => Promise<StoredObject | LargeObject | undefined>;
  /**
   * Brings just this version, piece by piece, several pieces at once, so that it never is whole in memory. `changed`: the key
   * does not hold it any more, and what came of it is of no use.
   */
  readonly fetch: (
    key: Key,
    version: Pick<ObjectMeta, "etag" | "size">,
    target: Target,
    signal: AbortSignal,
  ) => Promise<"whole" | "changed">;
  readonly head: (key: Key, signal: AbortSignal) => Promise<ObjectMeta | undefined>;
  /** All objects whose name starts with `prefix` (a text, not a folder), in any order; names as stored, unchecked. */
  readonly list: (prefix: string, signal: AbortSignal) => AsyncIterable<ListedObject>;
  readonly put: (key: Key, body: Body, mode: PutMode, options: PutOptions, signal: AbortSignal) => Promise<PutOutcome>;
  /** Deleting what is absent is no error. Not conditional: used only for versions that this program made. */
  readonly delete: (key: Key, signal: AbortSignal) => Promise<void>;
  /** Closes sockets. No call may follow. May be called twice. */
  readonly close: () => void;
};
