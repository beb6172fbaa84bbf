import { readFileSync } from "node:fs";
import type { Status } from "../app/status-file.ts";

/** The status file; `undefined` when it is missing, damaged or no status at all. */
export const readStatusFile = (path: string): Status | undefined => {
  try {
    const raw: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isStatus(raw) ? raw : undefined;
  } catch {
    return undefined;
  }
};

/** Whether it is what a kgsync, maybe of another version, says of itself: a member may be missing. */
export const isStatus = (raw: unknown): raw is Status =>
  typeof raw === "object" && raw !== null && "phase" in raw && "writtenAt" in raw && typeof raw.writtenAt === "number";
