const EIGHT = 8;

/** Eight tables of 256, one behind the other: that of a byte which is followed by 0, 1, … 7 others ("slicing by 8", Intel 2005). */
const makeTables = (): Int32Array => {
  const tables = new Int32Array(EIGHT * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ 0x82f63b78;
    tables[byte] = sum;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] ?? 0;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
  }
  return tables;
};

const TABLES = makeTables();
const of = (table: number, byte: number): number => TABLES[(table << 8) | (byte & 0xff)] ?? 0;

/** CRC-32C (Castagnoli, RFC 3720 §B.4), which Node's zlib has not; `before` is the sum of the bytes that went before. */
export const crc32c = (bytes: Uint8Array, before = 0): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const eights = bytes.byteLength - (bytes.byteLength % EIGHT);
  let sum = ~before;
  for (let at = 0; at < eights; at += EIGHT) {
    const low = sum ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    sum =
      of(7, low) ^
      of(6, low >>> 8) ^
      of(5, low >>> 16) ^
      of(4, low >>> 24) ^
      of(3, high) ^
      of(2, high >>> 8) ^
      of(1, high >>> 16) ^
      of(0, high >>> 24);
  }
  for (let at = eights; at < bytes.byteLength; at++) sum = of(0, sum ^ view.getUint8(at)) ^ (sum >>> 8);
  return ~sum >>> 0;
};

/** As the API writes it: base64 of the four bytes, the highest first. */
export const crc32cText = (sum: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString("base64");
};
