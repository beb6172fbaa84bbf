import type { ReadAt, Target } from "./object-store.ts";

/** Bytes on disk that nobody else sees, and that are gone with the process. No call may follow `close`. */
export type Scratch = {
  readonly write: Target;
  readonly read: ReadAt;
  readonly close: () => Promise<void>;
};

/** Room for what should not be whole in memory. Everything rejects with KgsyncError `disk`. */
export type OpenScratch = () => Promise<Scratch>;
