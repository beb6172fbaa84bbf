import type { JsonNode } from "../json/node.ts";

/**
 * How one value differs from another, as a tree along the documents; equal values have none. `members`: of two objects, those
 * that differ. `items`: two lists. Whatever differs in kind, and every scalar, is `changed` whole.
 */
export type Difference =
  | { readonly kind: "added"; readonly to: JsonNode }
  | { readonly kind: "removed"; readonly from: JsonNode }
  | { readonly kind: "changed"; readonly from: JsonNode; readonly to: JsonNode }
  | { readonly kind: "members"; readonly members: ReadonlyMap<string, Difference> }
  | ListDifference;

export type ListDifference = {
  readonly kind: "items";
  /** Elements that differ, in the order of the second list; what was removed stands where it was. */
  readonly items: readonly ItemDifference[];
  /** The elements that both lists have, in the order of the second, if that order is another one: their places in the first. */
  readonly order: readonly number[] | undefined;
};

export type ItemDifference = {
  /** Its place in each list, from 0; `undefined` where it is not. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** What tells it from the others of its list, if anything does: the identity that a merge goes by. */
  readonly identity: string | undefined;
  readonly difference: Difference;
};
