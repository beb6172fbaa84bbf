import { KgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import { type ETag, etag } from "../core/version.ts";
import type { Body, ListedObject, Metadata, ObjectStore, PutMode, StoredObject } from "../ports/object-store.ts";

type Entry = { readonly body: Uint8Array; readonly etag: ETag; readonly metadata: Metadata; readonly modified: number };

/** What several stores share when they are clients of one bucket. */
export type MemoryBucket = { readonly objects: Map<string, Entry>; writes: number };

/** An empty bucket for one or more stores. */
export const createMemoryBucket = (): MemoryBucket => ({ objects: new Map(), writes: 0 });

const PIECE = 1 << 20;

const stopIfAborted = (signal: AbortSignal, what: string): void => {
  if (signal.aborted)
    throw new KgsyncError("bucket-unavailable", `memory: ${what} was aborted`, { cause: signal.reason });
};

const stopped = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(undefined), { once: true }));

/** The bytes as they are now: the caller may use its buffer again. */
const copyOf = async (body: Body, signal: AbortSignal, what: string): Promise<Uint8Array> => {
  if (body instanceof Uint8Array) return body.slice();
  const bytes = new Uint8Array(body.size);
  const gone = stopped(signal);
  for (let at = 0; at < body.size; ) {
    const piece = await Promise.race([body.read(at, Math.min(PIECE, body.size - at)), gone]);
    stopIfAborted(signal, what);
    if (piece === undefined || piece.length === 0)
      throw new KgsyncError("disk", `${what}: the body ended at byte ${at}`);
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
};

const allows = (mode: PutMode, now: Entry | undefined): boolean =>
  mode.mode === "overwrite" || (mode.mode === "create" ? now === undefined : now?.etag === mode.etag);

/**
 * The reference implementation of the port: what every other store must do, without the world in between.
 * An etag is the number of the write, so that the same bytes written again are another version (no ABA).
 * `modified` is that number too: there is no clock here.
 */
export const createMemoryObjectStore = (bucket: MemoryBucket = createMemoryBucket()): ObjectStore => {
  const answer = (entry: Entry): StoredObject => ({
    body: entry.body.slice(),
    etag: entry.etag,
    size: entry.body.length,
    metadata: { ...entry.metadata },
  });
  const read = async (key: Key, signal: AbortSignal, what: string): Promise<StoredObject | undefined> => {
    stopIfAborted(signal, `${what} ${key}`);
    const entry = bucket.objects.get(key);
    return entry === undefined ? undefined : answer(entry);
  };
  return {
    name: "memory:",
    get: (key, signal) => read(key, signal, "get"),
    peek: async (key, limit, signal) => {
      const found = await read(key, signal, "get");
      return found === undefined || found.size <= limit ? found : { ...found, body: undefined };
    },
    fetch: async (key, { etag, size }, target, signal) => {
      const found = await read(key, signal, "get");
      if (found === undefined || found.etag !== etag || found.size !== size) return "changed";
      for (let at = 0; at < size; at += PIECE) {
        await Promise.race([target(at, found.body.subarray(at, at + PIECE)), stopped(signal)]);
        stopIfAborted(signal, `get ${key}`);
      }
      return "whole";
    },
    head: async (key, signal) => {
      const found = await read(key, signal, "head");
      return found === undefined ? undefined : { etag: found.etag, size: found.size, metadata: found.metadata };
    },
    list: async function* (prefix, signal): AsyncGenerator<ListedObject> {
      for (const [name, { body, etag, modified }] of [...bucket.objects]) {
        stopIfAborted(signal, `list ${prefix}`);
        if (name.startsWith(prefix)) yield { name, size: body.length, etag, modified };
      }
    },
    put: async (key, body, mode, options, signal) => {
      stopIfAborted(signal, `put ${key}`);
      const bytes = await copyOf(body, signal, `put ${key}`);
      // No await from here on: the check and the write are one step.
      if (!allows(mode, bucket.objects.get(key))) return { outcome: "conflict" };
      bucket.writes += 1;
      const stored = etag(`w${bucket.writes}`);
      bucket.objects.set(key, {
        body: bytes,
        etag: stored,
        metadata: { ...options.metadata },
        modified: bucket.writes,
      });
      return { outcome: "stored", etag: stored };
    },
    delete: async (key, signal) => {
      stopIfAborted(signal, `delete ${key}`);
      bucket.objects.delete(key);
    },
    close: () => {},
  };
};
