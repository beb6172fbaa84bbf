import type { Digest } from "../core/version.ts";

/** SHA-256 of the bytes. */
export type Sha256 = (bytes: Uint8Array) => Digest;
