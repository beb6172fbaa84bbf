import { isAncestor } from "./metadata.ts";
import type { Digest } from "./version.ts";

/** One side's version of an object. `ancestors` is empty for what has no history. */
export type Copyable = { readonly sha256: Digest; readonly ancestors: readonly string[] };

/**
 * What becomes of one object that is copied; never is anything overwritten that the source does not know.
 *
 * | there is | so |
 * |---|---|
 * | nothing | `create` |
 * | the same content | `same` |
 * | a version that the source's came from | `update` |
 * | a version that came from the source's | `newer`: it is left as it is |
 * | anything else | `differs`: it is left as it is, and a person has to say |
 */
export type CopyVerdict = "create" | "same" | "update" | "newer" | "differs";

export const judgeCopy = (from: Copyable, to: Copyable | undefined): CopyVerdict => {
  if (to === undefined) return "create";
  if (to.sha256 === from.sha256) return "same";
  if (isAncestor(to.sha256, from.ancestors)) return "update";
  return isAncestor(from.sha256, to.ancestors) ? "newer" : "differs";
};
