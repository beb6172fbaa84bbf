import { createHash, hash } from "node:crypto";
import { KgsyncError } from "../core/errors.ts";
import { parseDigest } from "../core/version.ts";
import type { Sha256, Sha256Stream } from "../ports/hash.ts";

/** SHA-256 by node:crypto, in one call. */
export const nodeSha256: Sha256 = (bytes) => {
  const digest = parseDigest(hash("sha256", bytes, "hex"));
  if (digest === undefined) throw new KgsyncError("bug", "node:crypto gave no SHA-256");
  return digest;
};

/** The same, for bytes that come piece by piece. */
export const nodeSha256Stream: Sha256Stream = () => {
  const running = createHash("sha256");
  return {
    update: (piece) => {
      running.update(piece);
    },
    end: () => {
      const digest = parseDigest(running.digest("hex"));
      if (digest === undefined) throw new KgsyncError("bug", "node:crypto gave no SHA-256");
      return digest;
    },
  };
};
