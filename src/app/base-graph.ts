import { checkGraph, type Graph } from "../core/graph.ts";
import type { StateFolder } from "./state-folder.ts";

/** The base as a graph; `undefined` when there is none, or its bytes are gone (then nothing can be compared with it). */
export const baseGraph = async (folder: StateFolder): Promise<Graph | undefined> => {
  const { base } = folder.current();
  if (base.kind !== "content") return undefined;
  const bytes = await folder.readBase(base.sha256);
  const check = bytes === undefined ? undefined : checkGraph(bytes, "json");
  return check?.kind === "valid" ? check.graph : undefined;
};
