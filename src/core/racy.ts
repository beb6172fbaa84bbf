/** The part of a file's stamp that the digest cache is keyed by, with the wall clock's moment of hashing. */
export type HashedAt = {
  readonly mtimeNs: string;
  readonly ctimeNs: string;
  /** Unix milliseconds. */
  readonly hashedAt: number;
};

const NS_PER_MS = 1_000_000n;
const QUIET_NS = 2000n * NS_PER_MS;

/**
 * Whether an unchanged stamp proves unchanged bytes. Only if both times were at least 2 s older than the moment of
 * hashing: a later write within the clock's granularity would leave the same stamp (git, Documentation/technical/racy-git),
 * and a time in the future proves nothing.
 */
export const provesUnchanged = ({ mtimeNs, ctimeNs, hashedAt }: HashedAt): boolean => {
  const newest = BigInt(Math.floor(hashedAt)) * NS_PER_MS - QUIET_NS;
  return BigInt(mtimeNs) <= newest && BigInt(ctimeNs) <= newest;
};
