import fc from "fast-check";
import { type Digest, parseDigest } from "../../../src/core/version.ts";

/** A digest that differs for each number below 2^32 in its first 16 digits. */
export const digestOf = (n: number): Digest => {
  const digest = parseDigest(n.toString(16).padStart(8, "0").repeat(8));
  if (digest === undefined) throw new RangeError(`no digest for ${n}`);
  return digest;
};

export const anyDigest = (): fc.Arbitrary<Digest> => fc.nat(0xffffffff).map(digestOf);
