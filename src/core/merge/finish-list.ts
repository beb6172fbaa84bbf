import type { Lists } from "./merge-array.ts";
import type { Merged, Piece, Triple } from "./merge-types.ts";

/** The list as a result: a side that it is equal to is copied as it stands, `null` for an empty one included. */
export const finishList = (triple: Triple, like: Lists["like"], items: readonly Piece[], is: Merged["is"]): Merged => {
  for (const from of ["winner", "loser"] as const) {
    const node = triple[from];
    if (is[from] && node !== undefined) return { piece: { kind: "copy", from, node }, is };
  }
  return { piece: { kind: "array", like: { winner: like.winner, loser: like.loser }, items }, is };
};
