import { closeSync, openSync, readSync } from "node:fs";
import { type ElfNeeds, elfNeeds } from "../../core/elf-needs.ts";

/** What a program needs of its image; `undefined` when it cannot be told. Never throws. */
export const readElfNeeds = (path: string): ElfNeeds | undefined => {
  try {
    const file = openSync(path, "r");
    try {
      return elfNeeds((offset, length) => {
        const buffer = Buffer.alloc(length);
        return buffer.subarray(0, readSync(file, buffer, 0, length, offset));
      });
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined; // not to be read, or cut off
  }
};
