const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0x82f63b78;
  return sum;
});

/** CRC-32C (Castagnoli, RFC 3720 §B.4), which Node's zlib has not; `before` is the sum of the bytes that went before. */
export const crc32c = (bytes: Uint8Array, before = 0): number => {
  let sum = ~before;
  for (let at = 0; at < bytes.length; at++) sum = (TABLE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
};

/** As the API writes it: base64 of the four bytes, the highest first. */
export const crc32cText = (sum: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString("base64");
};
