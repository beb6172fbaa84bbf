// dist/health.cjs: `kgsync health` without the program. A health check comes every few seconds for as long as a container lives:
// loading the settings and the rest cost three quarters of what an idle container cost as a whole.
import { createNodeRandom } from "../adapters/node-random.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import { DEFAULT_GRAPH } from "../config/default-graph.ts";
import { health } from "./health.ts";

/** What was read by whoever runs here, and accepted: else it would not run. */
const NAMES = ["KGSYNC_GRAPH", "KGSYNC_CWD", "KGSYNC_STATE_DIR"] as const;

/**
 * The words of a kgsync that runs here and is well. `undefined`: ask the program, which knows all settings, and has a word for
 * everything else. Never rejects.
 */
export const healthSoon = async (env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> => {
  const [graph = DEFAULT_GRAPH, cwd, stateDir] = NAMES.map((name) => env[name]);
  if ([graph, cwd, stateDir].includes("")) return undefined;
  const program = { clock: createSystemClock(), random: createNodeRandom() };
  try {
    const rest = { backups: undefined, include: undefined, readyWhen: "serving" } as const; // of no account here
    const { well, words } = await health(program, { graph, cwd, stateDir, ...rest });
    return well ? words : undefined;
  } catch {
    return undefined;
  }
};
