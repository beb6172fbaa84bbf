import { provesUnchanged } from "../core/racy.ts";
import type { Stamp } from "../ports/file-tree.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { pushGraph } from "./push-graph.ts";
import type { GraphPush, PushGraphOptions } from "./push-outcome.ts";
import type { StateFolder } from "./state-folder.ts";

export type GraphPusher = (options: PushGraphOptions, budget: Budget) => Promise<GraphPush>;

type Memory = { readonly stamp: Stamp; readonly hashedAt: number; readonly outcome: GraphPush };

/**
 * A `pushGraph` that costs one stat when nothing changed: no read, no request. An outcome that a later try may better
 * (`waiting`, `failed`) is not remembered, and the final push always looks into the file.
 */
export const createGraphPusher = (io: Io, folder: StateFolder): GraphPusher => {
  let memory: Memory | undefined;
  return async (options, budget) => {
    const hashedAt = io.clock.now().wall;
    const stamp = await io.files.stat(io.paths.graph);
    if (!options.final && options.allowed === undefined && memory !== undefined && isUnchanged(memory, stamp))
      return memory.outcome;
    const pushed = await pushGraph(io, folder, options, budget);
    const outcome: GraphPush = pushed.kind === "stored" ? { kind: "clean" } : pushed;
    memory =
      stamp === undefined || pushed.kind === "waiting" || pushed.kind === "failed"
        ? undefined
        : { stamp, hashedAt, outcome };
    return pushed;
  };
};

const isUnchanged = ({ stamp: old, hashedAt }: Memory, now: Stamp | undefined): boolean =>
  now !== undefined && sameStamp(old, now) && provesUnchanged({ ...old, hashedAt });

const sameStamp = (a: Stamp, b: Stamp): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.inode === b.inode;
