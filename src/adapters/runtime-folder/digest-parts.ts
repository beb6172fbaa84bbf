import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import type { Part } from "./list-parts.ts";

const CHUNK = 4 * 1024 * 1024;

/** SHA-256 of a file, in hexadecimal digits, without the whole in memory. Throws errno errors. */
const digestFile = (path: string): string => {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK);
  const file = openSync(path, "r");
  try {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
      hash.update(buffer.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
};

/** Of all names, modes and contents but compiled code: the same parts anywhere have the same. */
export const digestParts = (parts: readonly Part[]): string => {
  const whole = createHash("sha256");
  for (const { from, name, executable } of parts.filter(({ cache }) => !cache))
    whole.update(JSON.stringify([name, executable, digestFile(from)]));
  return whole.digest("hex");
};
