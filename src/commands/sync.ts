import { createBudget } from "../app/budget.ts";
import type { Io } from "../app/io.ts";
import { type Survey, survey } from "../app/survey.ts";
import { syncAll } from "../app/sync-all.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import { askRunning } from "./ask-running.ts";
import { buildIo } from "./build-io.ts";
import type { Program } from "./program.ts";
import { readSyncAnswer } from "./read-sync-answer.ts";
import { renderDryRun, renderSynced } from "./render-sync.ts";
import { checkLayout, resolvePaths } from "./resolve-paths.ts";
import { withFiles } from "./with-files.ts";

export type SyncRequest = { readonly json: boolean; readonly dryRun: boolean };

/** A dry run only wants to know whether somebody is there. */
const LOOK_MS = 2000;

/**
 * `kgsync sync`: both sides hold everything of both afterwards. Where a kgsync runs on these files, it is asked to push now:
 * only it knows what its app has read. Otherwise pull and push are done here. Resolves with the exit code.
 */
export const sync = async (
  program: Program,
  config: Config,
  log: Log,
  { json, dryRun }: SyncRequest,
  signal: AbortSignal,
): Promise<number> => {
  const paths = resolvePaths(config);
  checkLayout(config, paths);
  if (dryRun) return dry(program, config, log, json, signal);
  const reply = await askRunning(program, paths, "sync", config.finalTimeout, signal);
  const answer = reply.kind === "answer" ? readSyncAnswer(reply.value) : undefined;
  if (answer !== undefined) {
    if (answer.kind !== "done")
      throw new KgsyncError("not-durable", answer.why, { hint: answer.kind === "refused" ? STATE_HINT : RUNNING_HINT });
    program.print(
      renderSynced({ by: "running", graph: answer.graph, pulled: 0, pushed: answer.backups, documents: [] }, json),
    );
    return 0;
  }
  if (reply.kind === "silent")
    throw new KgsyncError("not-durable", `the kgsync that runs on ${paths.graph} has not answered in time`, {
      hint: RUNNING_HINT,
    });
  return withFiles(program, config, log, signal, async (io) => {
    const synced = await inTime(io, io.rules.finalTimeout, signal, (budget) => syncAll(io, budget));
    program.print(renderSynced({ by: "command", ...synced }, json));
    return 0;
  });
};

const STATE_HINT = "`kgsync status` tells how far it is; ask again when it pushes.";
const RUNNING_HINT = "It goes on trying by itself; `kgsync status` tells how far it is, and its log why.";

const dry = async (program: Program, config: Config, log: Log, json: boolean, signal: AbortSignal): Promise<number> => {
  const paths = resolvePaths(config);
  const reply = await askRunning(program, paths, "status", LOOK_MS, signal);
  const { io } = await buildIo(program, config, paths, log);
  try {
    const found = await inTime(io, io.rules.startTimeout, signal, (budget): Promise<Survey> => survey(io, budget));
    if (found.unreachable !== undefined) throw found.unreachable;
    program.print(renderDryRun(found, reply.kind === "answer", json));
    return 0;
  } finally {
    io.store.close();
  }
};

const inTime = async <T>(
  io: Io,
  ms: number,
  signal: AbortSignal,
  work: (budget: ReturnType<typeof createBudget>) => Promise<T>,
): Promise<T> => {
  const budget = createBudget(io.clock, ms, ms, signal);
  try {
    return await work(budget);
  } finally {
    budget.close();
  }
};
