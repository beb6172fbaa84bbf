/** CRC-32C bit by bit, by a way of its own: the adapter's must not be checked by itself. */
export const castagnoli = (bytes: Uint8Array): string => {
  let sum = 0xffffffff;
  const table: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      const half = Math.floor(value / 2);
      value = value % 2 === 1 ? (half ^ 0x82f63b78) >>> 0 : half;
    }
    table.push(value);
  }
  for (const byte of bytes) sum = ((table[(sum ^ byte) & 255] ?? 0) ^ (sum >>> 8)) >>> 0;
  const out = Buffer.alloc(4);
  out.writeUInt32BE((sum ^ 0xffffffff) >>> 0);
  return out.toString("base64");
};

const known = new WeakMap<Uint8Array, string>();

/** As `castagnoli`, of bytes that nobody changes any more: a large object's sum is in the answer to each of its ranges. */
export const castagnoliOf = (stored: Uint8Array): string => {
  const sum = known.get(stored) ?? castagnoli(stored);
  known.set(stored, sum);
  return sum;
};
