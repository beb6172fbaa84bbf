import { findRealPath } from "../adapters/node-file-tree/real-path.ts";
import { createOwnerLock } from "../adapters/owner-lock/owner-lock.ts";
import type { Paths } from "../app/io.ts";
import type { OwnerReply } from "../ports/owner-lock.ts";
import type { Question } from "./answer-others.ts";
import { findBeside } from "./find-beside.ts";
import type { Program } from "./program.ts";

/** `busy`: a kgsync owns the files that has no answer to this: a one-shot command, or another version. */
export type RunningReply =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "busy" | Exclude<OwnerReply["kind"], "answer"> };

/**
 * Asks the kgsync that owns these files, and waits at most `ms`. It may have another state folder than ours, so it is
 * looked for beside the graph too. Writes nothing. Rejects with KgsyncError `disk`.
 */
export const askRunning = async (
  { clock, random, progress }: Pick<Program, "clock" | "random" | "progress">,
  paths: Paths,
  question: Question,
  ms: number,
  signal: AbortSignal,
): Promise<RunningReply> => {
  const { beside } = await findBeside(paths);
  let reply: RunningReply = { kind: "nobody" };
  for (const folder of new Set([findRealPath(paths.state), beside])) {
    const lock = createOwnerLock({ folder, name: "", clock, random });
    const done = progress?.begin("answer of the running kgsync");
    const found = await lock.ask(question, ms, signal).finally(done);
    if (found.kind === "answer") return readAnswer(found.line);
    if (reply.kind === "nobody" || found.kind === "silent") reply = found;
  }
  return reply;
};

const readAnswer = (line: string): RunningReply => {
  try {
    const value: unknown = JSON.parse(line);
    return { kind: "answer", value };
  } catch {
    return { kind: "busy" };
  }
};
