import { join } from "node:path";
import { createBudget } from "../app/budget.ts";
import { hasLocalWork } from "../app/has-local-work.ts";
import type { Io } from "../app/io.ts";
import { readLease } from "../app/lease-object.ts";
import { survey } from "../app/survey.ts";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { askRunning, type RunningReply } from "./ask-running.ts";
import { buildIo } from "./build-io.ts";
import type { Program } from "./program.ts";
import { isStatus, readStatusFile } from "./read-status.ts";
import { isInStep, renderStatus, type StatusView } from "./render-status.ts";
import { checkLayout, resolvePaths } from "./resolve-paths.ts";

const ASK_MS = 5000;

/**
 * `kgsync status`: in step or not, since when, what is waiting. The kgsync that runs on these files is asked, and the bucket is
 * not; with nobody there, disk and bucket are looked at here. Changes nothing. Resolves with the exit code: 0 in step, 1 not,
 * or the code of what keeps the bucket from being read.
 */
export const status = async (
  program: Program,
  config: Config,
  log: Log,
  json: boolean,
  signal: AbortSignal,
): Promise<number> => {
  const paths = resolvePaths(config);
  checkLayout(config, paths);
  const reply = await askRunning(program, paths, "status", ASK_MS, signal);
  const { io } = await buildIo(program, config, paths, log);
  try {
    const view: StatusView = {
      bucket: io.store.name,
      graph: paths.graph,
      now: program.clock.now().wall,
      ...(reply.kind === "answer" && isStatus(reply.value)
        ? { running: reply.value, dirty: await hasLocalWork(io) }
        : await look(io, reply.kind, signal)),
    };
    program.print(renderStatus(view, json));
    const unreachable = "survey" in view ? view.survey.unreachable : undefined;
    return unreachable?.exit ?? (isInStep(view) ? 0 : 1);
  } finally {
    io.store.close();
  }
};

const look = async (io: Io, reply: RunningReply["kind"], signal: AbortSignal) => {
  const budget = createBudget(io.clock, io.rules.startTimeout, io.rules.startTimeout, signal);
  try {
    const found = await survey(io, budget);
    return {
      silent: reply === "silent" || reply === "unsure" || reply === "busy" ? reply : undefined,
      last: readStatusFile(join(io.paths.state, "status.json")),
      survey: found,
      lease: found.unreachable === undefined ? await readLease(io, budget.signal) : undefined,
    };
  } finally {
    budget.close();
  }
};
