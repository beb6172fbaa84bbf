import { dirname, join } from "node:path";
import { nodeDisk } from "../adapters/node-file-tree/disk.ts";
import { followLinks } from "../adapters/node-file-tree/follow-links.ts";
import { findRealPath } from "../adapters/node-file-tree/real-path.ts";
import type { Paths } from "../app/io.ts";

/** The graph itself, links followed, and the folder beside it where every wrapper on it looks for others. */
export const findBeside = async (paths: Paths): Promise<{ readonly graph: string; readonly beside: string }> => {
  const graph = findRealPath(await followLinks(nodeDisk, paths.graph));
  return { graph, beside: join(dirname(graph), ".kgsync") };
};
