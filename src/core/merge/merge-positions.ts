import type { Path } from "../json/pointer.ts";
import { finishList } from "./finish-list.ts";
import type { Lists } from "./merge-array.ts";
import type { Merged, Merging, Triple } from "./merge-types.ts";

/** Each position for itself; there are equally many in both lists. */
export const mergePositions = (m: Merging, at: Path, triple: Triple, { like, base, winner, loser }: Lists): Merged => {
  const merged = winner.map((node, index) =>
    m.merge({ parent: at, token: String(index) }, { base: base[index], winner: node, loser: loser[index] }),
  );
  const is = { winner: merged.every((one) => one.is.winner), loser: merged.every((one) => one.is.loser) };
  return finishList(
    triple,
    like,
    merged.flatMap(({ piece }) => (piece === undefined ? [] : [piece])),
    is,
  );
};
