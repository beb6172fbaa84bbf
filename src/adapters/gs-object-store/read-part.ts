import { KgsyncError } from "../../core/errors.ts";
import { type PositionedBody, readPiece } from "../transfer/read-body.ts";

/** `length` bytes from `offset` on. Rejects with the body's own error, or `bucket-unavailable` when the signal aborts. */
export const readPart = async (
  body: PositionedBody,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  try {
    return await readPiece(body, offset, length, signal);
  } catch (thrown) {
    if (thrown instanceof KgsyncError) throw thrown;
    throw new KgsyncError("bucket-unavailable", "an upload was stopped while its file was read", { cause: thrown });
  }
};
