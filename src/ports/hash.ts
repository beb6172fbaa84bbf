import type { Digest } from "../core/version.ts";

/** SHA-256 of the bytes. */
export type Sha256 = (bytes: Uint8Array) => Digest;

/** SHA-256 of bytes that come piece by piece. `end` may be called once. */
export type Sha256Stream = () => { readonly update: (piece: Uint8Array) => void; readonly end: () => Digest };
