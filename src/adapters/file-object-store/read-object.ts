import { createHash } from "node:crypto";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { LargeObject, Metadata, ObjectMeta, StoredObject, Target } from "../../ports/object-store.ts";
import { type ContentFile, type CurrentVersion, currentVersion } from "./current-version.ts";
import { unless } from "./disk-error.ts";
import type { Place } from "./place.ts";
import { etagOf, sameStamp, stampOf } from "./stamp.ts";

const TRIES = 20;
const PIECE = 4 << 20;

/** Gives the pieces of the file to `use`, all in the same room; false when it is no longer the file that was found, before or after. */
const readStill = async (
  { disk }: Place,
  file: ContentFile,
  signal: AbortSignal,
  use: (piece: Uint8Array) => unknown,
): Promise<boolean> => {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  const handle = await unless(["ENOENT", "ELOOP"], undefined, () => disk.open(file.path, flags));
  if (handle === undefined) return false;
  const isStill = async (): Promise<boolean> => sameStamp(stampOf(await handle.stat({ bigint: true })), file.stamp);
  try {
    return (await isStill()) && (await readAll(handle, file.stamp.size, signal, use)) && (await isStill());
  } finally {
    await handle.close();
  }
};

const readAll = async (
  handle: FileHandle,
  size: number,
  signal: AbortSignal,
  use: (piece: Uint8Array) => unknown,
): Promise<boolean> => {
  const room = new Uint8Array(Math.min(PIECE, size));
  for (let at = 0; at < size; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(room, 0, Math.min(PIECE, size - at), at);
    if (bytesRead === 0) return false;
    await use(room.subarray(0, bytesRead));
    at += bytesRead;
  }
  return true;
};

/** The sidecar's metadata counts only for the bytes it was written with: a `cp` over them had none. */
const metadataFor = (digest: string, { record }: CurrentVersion): Metadata =>
  record?.content?.digest === digest ? record.content.metadata : {};

const reading = async <T>(
  place: Place,
  key: Key,
  signal: AbortSignal,
  read: (now: CurrentVersion, file: ContentFile) => Promise<T | undefined>,
): Promise<T | undefined> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const now = await currentVersion(place, key, signal);
    if (now.file === undefined) return undefined;
    const found = await read(now, now.file);
    if (found !== undefined) return found;
  }
  throw new KgsyncError("bucket-unavailable", `${place.plain(key)} changes while it is read, every time`);
};

/** The object, whole: these bytes stood on disk together. */
export const getObject = (place: Place, key: Key, signal: AbortSignal): Promise<StoredObject | undefined> =>
  reading(place, key, signal, async (now, file) => {
    const body = new Uint8Array(file.stamp.size);
    let at = 0;
    const still = await readStill(place, file, signal, (piece) => {
      body.set(piece, at);
      at += piece.length;
    });
    if (!still) return undefined;
    const metadata = metadataFor(createHash("sha256").update(body).digest("hex"), now);
    return { body, size: body.length, etag: etagOf(now.number, file.stamp), metadata };
  });

/** What is known of the object; reads the content only of a file that this program did not put there. */
export const headObject = (place: Place, key: Key, signal: AbortSignal): Promise<ObjectMeta | undefined> =>
  reading(place, key, signal, async (now, file) => {
    const known = { size: file.stamp.size, etag: etagOf(now.number, file.stamp) };
    const content = now.record?.content;
    if (content === undefined || content.stamp.size !== file.stamp.size) return { ...known, metadata: {} };
    if (sameStamp(content.stamp, file.stamp)) return { ...known, metadata: content.metadata };
    const hash = createHash("sha256");
    if (!(await readStill(place, file, signal, (piece) => hash.update(piece)))) return undefined;
    return { ...known, metadata: metadataFor(hash.digest("hex"), now) };
  });

/** The whole object if it has at most `limit` bytes, else what a HEAD tells. */
export const peekObject = async (
  place: Place,
  key: Key,
  limit: number,
  signal: AbortSignal,
): Promise<StoredObject | LargeObject | undefined> => {
  const now = await currentVersion(place, key, signal);
  const isLarge = now.file !== undefined && now.file.stamp.size > limit;
  return isLarge ? headObject(place, key, signal) : getObject(place, key, signal);
};

/** Gives one version to `target`, piece by piece. */
export const fetchObject = async (
  place: Place,
  key: Key,
  { etag, size }: Pick<ObjectMeta, "etag" | "size">,
  target: Target,
  signal: AbortSignal,
): Promise<"whole" | "changed"> => {
  const { file, number } = await currentVersion(place, key, signal);
  if (file === undefined || file.stamp.size !== size || etagOf(number, file.stamp) !== etag) return "changed";
  let at = 0;
  const still = await readStill(place, file, signal, async (piece) => {
    await target(at, piece);
    at += piece.length;
  });
  return still ? "whole" : "changed";
};
