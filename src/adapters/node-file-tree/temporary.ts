import { randomBytes } from "node:crypto";

/** How the name of every temporary starts. The rest has a fixed length, so that a 255-byte name has room for it too. */
const MARKER = ".kgsync-tmp-";

/** A fresh name for a temporary. */
export const temporaryName = (): string => `${MARKER}${randomBytes(8).toString("hex")}`;

/** Whether one part of a path is the name of a temporary: such files are never listed, read, uploaded or watched. */
export const isTemporary = (part: string): boolean => part.startsWith(MARKER);
