import type { StatusFile } from "../app/status-file.ts";
import type { SyncDesk } from "../app/sync-desk.ts";

/** What a running kgsync can be asked over its owner's socket. */
export type Question = "status" | "sync";

/**
 * Answers one line with one line of JSON, for as long as this process owns the files. `unknown` to what a later version may
 * ask: as a one-shot command answers everything.
 */
export const answerOthers = async (line: string, status: StatusFile, desk: SyncDesk): Promise<string> => {
  switch (line) {
    case "status" satisfies Question:
      return JSON.stringify(status.current());
    case "sync" satisfies Question:
      return JSON.stringify(await desk.ask());
    default:
      return "unknown";
  }
};
