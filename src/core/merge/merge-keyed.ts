import type { JsonNode } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import { finishList } from "./finish-list.ts";
import type { Identified } from "./identity.ts";
import type { Lists } from "./merge-array.ts";
import type { Merged, Merging, Piece, Triple } from "./merge-types.ts";
import { noteSequence } from "./note-sequence.ts";
import { orderNames } from "./order-names.ts";

type Rows = ReadonlyMap<string, JsonNode>;

/** As an ordered map from identity to element: each element is merged as a member of an object is. */
export const mergeKeyed = (
  m: Merging,
  at: Path,
  triple: Triple,
  lists: Lists,
  { lists: ids, texts }: Identified,
): Merged => {
  const [base = [], winner = [], loser = []] = ids;
  const rows = {
    base: rowsOf(base, lists.base),
    winner: rowsOf(winner, lists.winner),
    loser: rowsOf(loser, lists.loser),
  };
  const tripleOf = (id: string): Triple => ({
    base: rows.base.get(id),
    winner: rows.winner.get(id),
    loser: rows.loser.get(id),
  });
  const present = new Set([...winner, ...loser].filter((id) => survives(m, tripleOf(id))));
  const { names, contested, spine } = orderNames({ base, winner, loser }, present, { sortable: texts, tie: m.tie });
  if (contested) noteSequence(m, at, spine, lists);
  const items: Piece[] = [];
  const is = { winner: equalLists(names, winner), loser: equalLists(names, loser) };
  for (const [index, id] of names.entries()) {
    const merged = m.merge({ parent: at, token: String(index) }, tripleOf(id));
    if (merged.piece !== undefined) items.push(merged.piece);
    is.winner &&= merged.is.winner;
    is.loser &&= merged.is.loser;
  }
  return finishList(triple, lists.like, items, is);
};

const rowsOf = (ids: readonly string[], nodes: readonly JsonNode[]): Rows => {
  const rows = new Map<string, JsonNode>();
  for (const [index, id] of ids.entries()) {
    const node = nodes[index];
    if (node !== undefined) rows.set(id, node);
  }
  return rows;
};

/** Gone is only what one side removed and the other left as it was. */
const survives = (m: Merging, triple: Triple): boolean => {
  if (triple.winner !== undefined && triple.loser !== undefined) return true;
  return !m.same(triple.winner === undefined ? "loser" : "winner", "base", triple);
};

const equalLists = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);
