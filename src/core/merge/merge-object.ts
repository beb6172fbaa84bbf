import type { JsonNode, JsonObject } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import type { Merged, Merging, Piece, Triple } from "./merge-types.ts";
import { orderNames } from "./order-names.ts";

const NONE: ReadonlyMap<string, JsonNode> = new Map();

const asObject = (node: JsonNode | undefined): JsonObject | undefined => (node?.kind === "object" ? node : undefined);

/** Two objects, key by key; what is none (absent, `null`, another kind as base) has no keys. */
export const mergeObject = (m: Merging, at: Path, triple: Triple): Merged => {
  const like = { winner: asObject(triple.winner), loser: asObject(triple.loser) };
  const base = asObject(triple.base)?.entries ?? NONE;
  const winner = like.winner?.entries ?? NONE;
  const loser = like.loser?.entries ?? NONE;
  const pieces = new Map<string, Piece>();
  const is = { winner: true, loser: true };
  for (const name of new Set([...winner.keys(), ...loser.keys()])) {
    const below = { base: base.get(name), winner: winner.get(name), loser: loser.get(name) };
    const merged = m.merge({ parent: at, token: name }, below);
    if (merged.piece !== undefined) pieces.set(name, merged.piece);
    is.winner &&= merged.is.winner;
    is.loser &&= merged.is.loser;
  }
  for (const from of ["winner", "loser"] as const) {
    const node = triple[from];
    if (is[from] && node !== undefined) return { piece: { kind: "copy", from, node }, is };
  }
  const orders = { base: [...base.keys()], winner: [...winner.keys()], loser: [...loser.keys()] };
  const { names } = orderNames(orders, new Set(pieces.keys()), { sortable: true, tie: m.tie });
  const members = new Map<string, Piece>();
  for (const name of names) {
    const piece = pieces.get(name);
    if (piece !== undefined) members.set(name, piece);
  }
  return { piece: { kind: "object", like, members }, is };
};
