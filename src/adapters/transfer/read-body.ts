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
 * The body in pieces of at most `pieceSize` bytes, in order. A body that ends early rejects: half a file is no file.
 * Rejects with the signal's reason when it aborts, also while a disk does not answer.
 */
export const readPieces = async function* (
  body: PositionedBody,
  pieceSize: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  while (offset < body.size) {
    const piece = await unlessAborted(body.read(offset, Math.min(pieceSize, body.size - offset)), signal);
    if (piece.byteLength === 0) throw ended(body.size, offset);
    offset += piece.byteLength;
    yield piece;
  }
};

/** Exactly `length` bytes from `offset` on; rejects as `readPieces` does. */
export const readPiece = async (
  body: PositionedBody,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const part: PositionedBody = { size: length, read: (at, count) => body.read(offset + at, count) };
  return await readWhole(part, signal);
};

/** Bytes that are there already, as if they were read. */
export const inMemory = (bytes: Uint8Array): PositionedBody => ({
  size: bytes.byteLength,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
});

/** The body in one buffer; rejects as `readPieces` does. */
export const readWhole = async (body: Body, signal: AbortSignal): Promise<Uint8Array> => {
  if (body instanceof Uint8Array) return body;
  const whole = new Uint8Array(body.size);
  let offset = 0;
  for await (const piece of readPieces(body, body.size, signal)) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
};
