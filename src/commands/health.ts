import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../app/status-file.ts";
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import { resolvePaths } from "./resolve-paths.ts";

/** Six signs of life missed. */
const STALE_MS = 60_000;
const WELL: ReadonlySet<string> = new Set<Status["phase"]>(["running", "stopping", "ending", "pushing"]);

export type Health = { readonly well: boolean; readonly words: string };

/**
 * `kgsync health`: is a running kgsync well? Never asks the bucket: an outage there must not make an orchestrator kill an
 * app that is fine, with saves that are not in the bucket yet.
 */
export const health = (config: Config, clock: Clock): Health => {
  const path = join(resolvePaths(config).state, "status.json");
  const status = readStatus(path);
  if (status === undefined) return { well: false, words: `no kgsync runs here: ${path} is missing or damaged` };
  if (status.ended !== undefined) return { well: false, words: `kgsync has ended: ${status.ended.words}` };
  const age = clock.now().wall - status.writtenAt;
  if (Math.abs(age) > STALE_MS)
    return { well: false, words: `the last sign of life is ${Math.round(age / 1000)} s old` };
  if (status.phase === "leasing") return standingBy(status, config);
  if (!WELL.has(status.phase)) return { well: false, words: `the app does not run yet: kgsync is ${status.phase}` };
  const since = status.unsyncedSince;
  if (since === undefined) return { well: true, words: `${status.phase}; all local work is in the bucket` };
  const seconds = Math.round((clock.now().wall - since) / 1000);
  return {
    well: true,
    words: `${status.phase}; local work has been waiting for ${seconds} s${status.why === undefined ? "" : `: ${status.why}`}`,
  };
};

/**
 * Who waits for its first turn is ready as the setting says. Who has handed over is well in any case: were it replaced, its
 * successor would ask for the lease again, and the two would pass it to and fro.
 */
const standingBy = ({ handedOver }: Status, { readyWhen }: Config): Health => ({
  well: handedOver === true || readyWhen === "standby",
  words: `standing by: another copy holds the lease${handedOver === true ? ", which this one has handed over" : ""}`,
});

const readStatus = (path: string): Status | undefined => {
  try {
    const raw: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isStatus(raw) ? raw : undefined;
  } catch {
    return undefined;
  }
};

const isStatus = (raw: unknown): raw is Status =>
  typeof raw === "object" && raw !== null && "phase" in raw && "writtenAt" in raw && typeof raw.writtenAt === "number";
