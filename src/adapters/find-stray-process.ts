import { listProcesses } from "./execa-child/list-processes.ts";
import { findStrayGraph } from "./find-stray-graph.ts";

/** A process below whose working directory another graph of the same name lies; see `findStrayGraph`. */
export const findStrayProcess = (
  configured: string,
  graph: string,
): { readonly pid: number; readonly path: string } | undefined => {
  for (const { pid } of listProcesses() ?? []) {
    const path = findStrayGraph(pid, configured, graph, 0);
    if (path !== undefined) return { pid, path };
  }
  return undefined;
};
