import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

/** What Kubernetes keeps of a termination message ("Determine the Reason for Pod Failure"). */
const MAX_BYTES = 4096;

/** Not created when missing: only a kubelet that wants the line mounts the file. */
const FLAGS = constants.O_WRONLY | constants.O_TRUNC | constants.O_NONBLOCK | constants.O_NOCTTY;

const cut = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  let end = Math.min(bytes.length, MAX_BYTES);
  // Not in the middle of a character: step back over its continuation bytes (RFC 3629).
  while (end < bytes.length && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
};

/** Writes the last line, at most 4096 bytes of it, to the file if there is one and it may be written. Never throws. */
export const writeTerminationLog = (path: string, line: string): void => {
  try {
    const file = openSync(path, FLAGS);
    try {
      if (fstatSync(file).isFile()) writeSync(file, cut(line.replaceAll(/\s*\n\s*/g, " ").trim()));
    } finally {
      closeSync(file);
    }
  } catch {
    // nobody asked for it, or it may not be written: the log has the same line
  }
};
