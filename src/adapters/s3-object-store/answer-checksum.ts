import { crc32 } from "node:zlib";

const PREFIX = "x-amz-checksum-";
const HOW = `${PREFIX}type`; // FULL_OBJECT or COMPOSITE; the value says it too
const CRC32 = `${PREFIX}crc32`;
/** Of parts, not of the whole: the SDK does not check it either. */
const COMPOSITE = /-[1-9][0-9]{0,4}$/;

/**
 * Which checksums an answer names (Amazon S3 User Guide, "Checking object integrity"). `other`: one that only the SDK can
 * compute, such as CRC-64/NVME.
 */
export const checksumOf = (headers: Readonly<Record<string, string>>): "none" | "crc32" | "other" => {
  const names = Object.keys(headers).filter((name) => name.startsWith(PREFIX) && name !== HOW);
  const whole = names.filter((name) => !COMPOSITE.test(headers[name] ?? ""));
  if (whole.length === 0) return "none";
  return whole.every((name) => name === CRC32) ? "crc32" : "other";
};

/** Whether the bytes are those of the answer's CRC-32. */
export const hasCrc32 = (headers: Readonly<Record<string, string>>, bytes: Uint8Array): boolean => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return headers[CRC32] === sum.toString("base64");
};
