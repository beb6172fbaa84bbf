import { KgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import type { Digest } from "../core/version.ts";
import type { Body, ObjectMeta, ObjectStore, ReadAt } from "../ports/object-store.ts";
import type { OpenScratch, Scratch } from "../ports/scratch.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";

/** Bytes from which on an object goes through a file, that many not included. */
export const LARGE = 32 * 1024 * 1024;
const PIECE = 1024 * 1024;
/** As often as the object may change while it is brought. */
const TRIES = 5;

export type HoldIo = Pick<Io, "sha256" | "sha256Stream"> & { readonly scratch: OpenScratch };

/** One version of an object, all of it. `release`: the bytes are not needed any more. */
export type HeldObject = ObjectMeta & {
  readonly sha256: Digest;
  readonly body: Body;
  readonly release: () => Promise<void>;
};

/**
 * Brings an object: into memory, or where it is large into a file. `undefined`: there is none. Rejects as the store and the
 * disk do, and with `bucket-unavailable` when it never stood still.
 */
export const holdObject = async (
  io: HoldIo,
  store: ObjectStore,
  key: Key,
  budget: Budget,
): Promise<HeldObject | undefined> => {
  for (let n = 0; n < TRIES; n++) {
    const found = await budget.attempt((signal) => store.peek(key, LARGE, signal));
    if (found === undefined) return undefined;
    if (found.body !== undefined) return { ...found, sha256: io.sha256(found.body), release: async () => undefined };
    const scratch = await io.scratch();
    const held = await bring(io, store, key, found, scratch, budget).catch(async (thrown) => {
      await scratch.close();
      throw thrown;
    });
    if (held !== undefined) return held;
    await scratch.close();
  }
  throw new KgsyncError("bucket-unavailable", `${key} in ${store.name} changed each time it was being read`);
};

/** `undefined`: it changed meanwhile. It may take all the time that is left: where nothing moves, the store itself gives up. */
const bring = async (
  io: HoldIo,
  store: ObjectStore,
  key: Key,
  meta: ObjectMeta,
  scratch: Scratch,
  budget: Budget,
): Promise<HeldObject | undefined> => {
  if ((await store.fetch(key, meta, scratch.write, budget.signal)) === "changed") return undefined;
  const { etag, size, metadata } = meta;
  const sha256 = await digestOf(io, scratch.read, size);
  return { etag, size, metadata, sha256, body: { size, read: scratch.read, sha256 }, release: scratch.close };
};

const digestOf = async ({ sha256Stream }: HoldIo, read: ReadAt, size: number): Promise<Digest> => {
  const hash = sha256Stream();
  const room = new Uint8Array(Math.min(PIECE, size));
  for (let at = 0; at < size; ) {
    const piece = await read(at, Math.min(PIECE, size - at), room);
    if (piece.length === 0) throw new KgsyncError("disk", `a temporary file lost what was written to it at byte ${at}`);
    hash.update(piece);
    at += piece.length;
  }
  return hash.end();
};
