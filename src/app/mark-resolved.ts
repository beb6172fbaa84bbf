import { KgsyncError } from "../core/errors.ts";
import { instantText } from "../core/instant-text.ts";
import { key } from "../core/key.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { resolvedMark } from "./list-conflicts.ts";
import type { FoundConflict } from "./read-conflict.ts";

/**
 * Notes beside a conflict that a person has settled it, and how. Nothing is removed: what gave way can still be had. A second note
 * for the same is no error.
 */
export const markResolved = async (
  io: Io,
  { listed }: FoundConflict,
  choice: string,
  budget: Budget,
): Promise<void> => {
  const note = { format: 1, kind: "resolved", time: instantText(io.clock.now().wall), writer: io.writer, choice };
  const name = key(`${io.document.conflicts}${listed.name}.resolved-${resolvedMark(io, listed.etag)}.json`);
  const body = new TextEncoder().encode(`${JSON.stringify(note, undefined, 2)}\n`);
  const options = { contentType: "application/json", metadata: { "kgsync-sha256": io.sha256(body) } };
  const put = await budget.attempt((signal) => io.store.put(name, body, { mode: "create" }, options, signal));
  if (put.outcome === "unknown")
    throw new KgsyncError("bucket-unavailable", `it could not be noted that ${listed.name} is resolved`, {
      cause: put.cause,
      hint: "Run the command again.",
    });
  io.log.info("conflicts.resolved", "the conflict is settled; what gave way stays in the bucket", {
    conflict: listed.name,
    choice,
  });
};
