import type { JsonNode } from "../json/node.ts";
import { type Path, pointerOf } from "../json/pointer.ts";
import type { Difference, ItemDifference } from "./difference.ts";

/**
 * One line of a difference. `pointer` (RFC 6901) leads into the second document, for what was removed into the first.
 * `moved`: the elements of a list stand in another order. `steps` are the same way for people: an element is named by its
 * identity where it has one.
 */
export type Change = {
  readonly kind: "added" | "removed" | "changed" | "moved";
  readonly pointer: string;
  readonly steps: readonly string[];
  readonly from: JsonNode | undefined;
  readonly to: JsonNode | undefined;
};

type Place = { readonly path: Path; readonly steps: readonly string[] };

/** The leaves of a difference, in the order of the document. `way`: the keys that lead to the part that it is of. */
export const listChanges = (difference: Difference, way: readonly string[] = []): readonly Change[] => {
  const path = way.reduce<Path>((parent, token) => ({ parent, token }), undefined);
  return collect(difference, { path, steps: way });
};

const collect = (difference: Difference, place: Place): readonly Change[] => {
  switch (difference.kind) {
    case "added":
      return [change("added", place, undefined, difference.to)];
    case "removed":
      return [change("removed", place, difference.from, undefined)];
    case "changed":
      return [change("changed", place, difference.from, difference.to)];
    case "members":
      return [...difference.members].flatMap(([name, below]) => collect(below, step(place, name, name)));
    case "items": {
      const moved = difference.order === undefined ? [] : [change("moved", place, undefined, undefined)];
      return [...moved, ...difference.items.flatMap((item) => collect(item.difference, itemPlace(place, item)))];
    }
  }
};

const change = (
  kind: Change["kind"],
  { path, steps }: Place,
  from: JsonNode | undefined,
  to: JsonNode | undefined,
): Change => ({ kind, pointer: pointerOf(path), steps, from, to });

const step = ({ path, steps }: Place, token: string, name: string): Place => ({
  path: { parent: path, token },
  steps: [...steps, name],
});

const itemPlace = (place: Place, { from, to, identity }: ItemDifference): Place => {
  const index = String(to ?? from);
  return step(place, index, `[${identity === undefined ? index : readable(identity)}]`);
};

/** An identity spells numbers as exact decimals. */
const readable = (identity: string): string => {
  const [, digits, power] = /^(-?\d+)e(\d{1,2})$/.exec(identity) ?? [];
  return digits === undefined ? identity : digits + "0".repeat(Number(power));
};
