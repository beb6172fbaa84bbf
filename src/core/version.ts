declare const brand: unique symbol;

/** Lower-case hexadecimal SHA-256 (FIPS 180-4) of a file's or object's bytes: 64 digits. */
export type Digest = string & { readonly [brand]: "Digest" };

/** A store's own name for one version of one object (RFC 9110 §8.8.3, or a generation number): opaque, compare only. */
export type ETag = string & { readonly [brand]: "ETag" };

const DIGEST = /^[0-9a-f]{64}$/;

/** The text as a digest, or `undefined` when it is not one. */
export const parseDigest = (text: string | undefined): Digest | undefined =>
  text !== undefined && DIGEST.test(text) ? (text as Digest) : undefined;

/** The text as an ETag, as a store sent it. */
export const etag = (text: string): ETag => text as ETag;
