import { join } from "node:path";
import type { Status } from "../app/status-file.ts";
import type { Config } from "../config/schema.ts";
import { askRunning } from "./ask-running.ts";
import type { Program } from "./program.ts";
import { isStatus, readStatusFile } from "./read-status.ts";
import { resolvePaths } from "./resolve-paths.ts";

/** Six signs of life missed. */
const STALE_MS = 60_000;
/** A wrapper that is busy for longer is judged by the file. */
const ASK_MS = 1000;
const WELL: ReadonlySet<string> = new Set<Status["phase"]>(["running", "stopping", "ending", "pushing"]);

export type Health = { readonly well: boolean; readonly words: string };

/**
 * `kgsync health`: is a running kgsync well? It is asked itself; the file that it writes stands in where it cannot be asked.
 * Never asks the bucket: an outage there must not make an orchestrator kill an app that is fine, with saves that are not in
 * the bucket yet.
 */
export const health = async (
  program: Pick<Program, "clock" | "random" | "progress">,
  config: Pick<Config, "cwd" | "graph" | "backups" | "stateDir" | "include" | "readyWhen">,
): Promise<Health> => {
  const paths = resolvePaths(config);
  const never = new AbortController().signal;
  const reply = await askRunning(program, paths, "status", ASK_MS, never).catch(() => ({ kind: "unsure" as const }));
  const now = program.clock.now().wall;
  if (reply.kind === "answer" && isStatus(reply.value)) return judge(reply.value, config, now);
  const path = join(paths.state, "status.json");
  const status = readStatusFile(path);
  if (status === undefined) return { well: false, words: `no kgsync runs here: there is no readable ${path}` };
  if (status.ended !== undefined) return { well: false, words: `kgsync has ended: ${status.ended.words}` };
  if (reply.kind === "dead") return { well: false, words: "no kgsync runs here: the last one was killed" };
  const age = now - status.writtenAt;
  if (Math.abs(age) > STALE_MS)
    return { well: false, words: `the last sign of life is ${Math.round(age / 1000)} s old` };
  return judge(status, config, now);
};

const judge = (status: Status, config: Pick<Config, "readyWhen">, now: number): Health => {
  if (status.phase === "leasing") return standingBy(status, config);
  if (!WELL.has(status.phase)) return { well: false, words: `the app does not run yet: kgsync is ${status.phase}` };
  const since = status.unsyncedSince;
  if (since === undefined) return { well: true, words: `${status.phase}; all local work is in the bucket` };
  const seconds = Math.round((now - since) / 1000);
  return {
    well: true,
    words: `${status.phase}; local work has been waiting for ${seconds} s${status.why === undefined ? "" : `: ${status.why}`}`,
  };
};

/**
 * Who waits for its first turn is ready as the setting says. Who has handed over is well in any case: were it replaced, its
 * successor would ask for the lease again, and the two would pass it to and fro.
 */
const standingBy = ({ handedOver }: Status, { readyWhen }: Pick<Config, "readyWhen">): Health => ({
  well: handedOver === true || readyWhen === "standby",
  words: `standing by: another copy holds the lease${handedOver === true ? ", which this one has handed over" : ""}`,
});
