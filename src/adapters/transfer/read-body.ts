import { KgsyncError } from "../../core/errors.ts";
import type { Body } from "../../ports/object-store.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** A body that is read piece by piece. */
export type PositionedBody = Exclude<Body, Uint8Array>;

const ended = (size: number, at: number): KgsyncError =>
  new KgsyncError("disk", `a file ended after ${at} of ${size} bytes while it was being uploaded`, {
    hint: "It was changed at that moment, and is uploaded the next time.",
  });

/**
 * The bytes from `offset` on, as many as the buffer holds or the body has, in the buffer. A body that ends early rejects: half a
 * file is no file. Rejects with the signal's reason when it aborts, also while a disk does not answer.
 */
export const readPart = async (
  body: PositionedBody,
  offset: number,
  buffer: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const part = buffer.subarray(0, Math.min(buffer.length, body.size - offset));
  let done = 0;
  while (done < part.length) {
    const rest = part.subarray(done);
    const piece = await unlessAborted(body.read(offset + done, rest.length, rest), signal);
    if (piece.byteLength === 0) throw ended(body.size, offset + done);
    if (piece.buffer !== rest.buffer || piece.byteOffset !== rest.byteOffset) rest.set(piece);
    done += piece.byteLength;
  }
  return part;
};

/** Exactly `length` bytes from `offset` on, in a buffer of their own; rejects as `readPart` does. */
export const readPiece = (
  body: PositionedBody,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> => readPart(body, offset, new Uint8Array(length), signal);

/** Bytes that are there already, as if they were read. */
export const inMemory = (bytes: Uint8Array): PositionedBody => ({
  size: bytes.byteLength,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

/** The body in one buffer; rejects as `readPart` does. */
export const readWhole = async (body: Body, signal: AbortSignal): Promise<Uint8Array> =>
  body instanceof Uint8Array ? body : await readPart(body, 0, new Uint8Array(body.size), signal);
