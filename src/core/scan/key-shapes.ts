import { type Shape, shapeOf } from "../profile.ts";

/** What is known of one key. */
export type KnownKey = { readonly name: string; readonly shape: Shape | undefined };

const REMEMBERED = 512;
/** No name that a profile knows is longer, in any spelling. */
const LONGEST = 128;

const NO_KEY: KnownKey = { name: "", shape: undefined };

const sameBytes = (known: Uint8Array, bytes: Uint8Array, from: number): boolean => {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
};

/**
 * Finds what the members' table says of a key that stands in a buffer. Records repeat their keys millions of times: a key that
 * was met before is known by its bytes, and not decoded again.
 */
export const createKeyShapes = (members: Readonly<Record<string, Shape>>) => {
  const met = new Map<number, { readonly bytes: Uint8Array; readonly known: KnownKey }>();
  const decoder = new TextDecoder();
  return (bytes: Uint8Array, from: number, to: number, escaped: boolean): KnownKey => {
    if (from < 0 || to - from > LONGEST) return NO_KEY;
    let hash = to - from;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + (bytes[i] ?? 0)) | 0;
    const before = met.get(hash);
    if (before !== undefined && before.bytes.length === to - from && sameBytes(before.bytes, bytes, from))
      return before.known;
    const text = decoder.decode(bytes.subarray(from, to));
    const name: unknown = escaped ? JSON.parse(`"${text}"`) : text;
    const known = { name: String(name), shape: shapeOf(members, String(name)) };
    if (met.size < REMEMBERED) met.set(hash, { bytes: bytes.slice(from, to), known });
    return known;
  };
};
