import type { Base } from "../core/state.ts";
import type { SeenGraph } from "./content.ts";
import type { StateFolder } from "./state-folder.ts";

/** The base as a graph; `undefined` when there is none, or its bytes are gone (then nothing can be compared with it). */
export const baseGraph = async (
  folder: StateFolder,
  base: Base = folder.current().base,
): Promise<SeenGraph | undefined> => {
  if (base.kind !== "content") return undefined;
  const file = await folder.largeBase(base.sha256);
  if (file !== undefined) return file.check.kind === "valid" ? { ...file.check.graph, file } : undefined;
  const bytes = await folder.readBase(base.sha256);
  const check = bytes === undefined ? undefined : folder.check(bytes);
  return check?.kind === "valid" ? check.graph : undefined;
};
