import { readlinkSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";

/**
 * Where the app keeps its graph if not where we do: a file of the same folder and name below the app's own working
 * directory, written since `sinceMs` (Unix milliseconds). An image without WORKDIR whose mounts say `/app` does just that,
 * and its data dies with the container. `undefined`: none, or it cannot be told.
 */
export const findStrayGraph = (pid: number, configured: string, graph: string, sinceMs: number): string | undefined => {
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    const below = isAbsolute(configured) ? join(basename(dirname(configured)), basename(configured)) : configured;
    const candidate = join(cwd, below);
    const found = statSync(candidate);
    const ours = statSync(graph, { throwIfNoEntry: false });
    const same = ours !== undefined && ours.ino === found.ino && ours.dev === found.dev;
    return !same && candidate !== graph && found.isFile() && found.mtimeMs >= sinceMs ? candidate : undefined;
  } catch {
    return undefined; // no such file, or another user's process
  }
};
