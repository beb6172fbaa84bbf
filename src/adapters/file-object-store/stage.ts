import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { KgsyncError } from "../../core/errors.ts";
import { type Digest, parseDigest } from "../../core/version.ts";
import type { Body } from "../../ports/object-store.ts";
import { makeFolders } from "./folders.ts";
import { HIDDEN, type Place } from "./place.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { formatRecord, type VersionRecord } from "./version-record.ts";

/** `begun`: nanoseconds, the file system's own time of the write. */
export type Staged = { readonly digest: Digest; readonly stamp: Stamp; readonly begun: bigint };

/** Bytes that are in memory at a time when a body is read piece by piece. */
const PIECE = 4 << 20;

/** Seconds by which a staged file is dated back. */
const BACK = 3;

const pieces = async function* (body: Body): AsyncGenerator<Uint8Array> {
  const size = body instanceof Uint8Array ? body.length : body.size;
  for (let at = 0; at < size; ) {
    const length = Math.min(PIECE, size - at);
    const piece = body instanceof Uint8Array ? body.subarray(at, at + length) : await body.read(at, length);
    if (piece.length === 0 || piece.length > length) {
      throw new KgsyncError("disk", `the body gave ${piece.length} bytes where ${length} were asked at byte ${at}`);
    }
    yield piece;
    at += piece.length;
  }
};

const fill = async (handle: FileHandle, body: Body, signal: AbortSignal): Promise<Digest> => {
  const hash = createHash("sha256");
  for await (const piece of pieces(body)) {
    signal.throwIfAborted();
    hash.update(piece);
    await handle.writeFile(piece); // from where the last one ended; `write` may write less than it is given
  }
  const digest = parseDigest(hash.digest("hex"));
  if (digest === undefined) throw new TypeError("not a digest");
  return digest;
};

const mtimeOf = async (handle: FileHandle): Promise<bigint> => (await handle.stat({ bigint: true })).mtimeNs;

/** Writes the body, durably, where nobody looks yet. `mode`: permission bits to give it, else those of the root. */
export const stageBody = async (
  place: Place,
  id: string,
  body: Body,
  mode: number | undefined,
  signal: AbortSignal,
): Promise<Staged> => {
  const { mode: usual } = await makeFolders(place, [HIDDEN, "writes", id]);
  const handle = await place.disk.open(place.body(id), "wx", usual);
  try {
    const digest = await fill(handle, body, signal);
    if (mode !== undefined) await handle.chmod(mode);
    // Dated back, so that somebody who writes into the file in the same tick of the clock still changes its mtime.
    const begun = await mtimeOf(handle);
    const seconds = Number(begun) / 1e9 - BACK;
    await handle.utimes(seconds, seconds);
    await handle.sync();
    return { digest, stamp: stampOf(await handle.stat({ bigint: true })), begun };
  } finally {
    await handle.close();
  }
};

/** An empty body: the mark that a deletion has not been carried out yet. */
export const stageNothing = async (place: Place, id: string): Promise<void> => {
  await makeFolders(place, [HIDDEN, "writes", id]);
  await (await place.disk.open(place.body(id), "wx", 0o600)).close();
};

/** Writes the record, durably, where it can be linked from. Replaces the one of an attempt that lost. */
export const stageRecord = async (place: Place, record: VersionRecord): Promise<void> => {
  const { mode } = await makeFolders(place, [HIDDEN, "writes", record.id]);
  const path = place.record(record.id);
  await place.disk.rm(path, { force: true });
  const handle = await place.disk.open(path, "wx", mode);
  try {
    await handle.writeFile(formatRecord(record));
    await handle.sync();
  } finally {
    await handle.close();
  }
};
