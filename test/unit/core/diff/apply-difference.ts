import type { Difference, ListDifference } from "../../../../src/core/diff/difference.ts";
import type { JsonNode } from "../../../../src/core/json/node.ts";

/** The first document with the difference put in: the second one, by meaning. */
export const applyDifference = (from: JsonNode, difference: Difference | undefined): JsonNode => {
  switch (difference?.kind) {
    case undefined:
      return from;
    case "members": {
      if (from.kind !== "object") throw new Error("members of what is no object");
      const entries = new Map(from.entries);
      for (const [name, below] of difference.members) {
        const before = entries.get(name);
        if (below.kind === "removed") entries.delete(name);
        else if (below.kind === "added") entries.set(name, below.to);
        else if (before !== undefined) entries.set(name, applyDifference(before, below));
      }
      return { ...from, entries };
    }
    case "items":
      return applyItems(from, difference);
    case "added":
    case "changed":
      return difference.to;
    case "removed":
      throw new Error("the document itself was removed");
  }
};

const applyItems = (from: JsonNode, { items, order }: ListDifference): JsonNode => {
  if (from.kind !== "array") throw new Error("items of what is no list");
  const gone = new Set(items.flatMap(({ from: place, to }) => (to === undefined ? [place] : [])));
  const places = order ?? from.items.map((_, index) => index).filter((index) => !gone.has(index));
  const kept = places.flatMap((place) => {
    const node = from.items[place];
    const item = items.find((one) => one.from === place);
    return node === undefined ? [] : [applyDifference(node, item?.difference)];
  });
  const news = items.filter((item) => item.from === undefined);
  for (const { to, difference } of news)
    if (to !== undefined && difference.kind === "added") kept.splice(to, 0, difference.to);
  return { ...from, items: kept };
};
