import { canonicalText } from "../json/canonical-text.ts";
import type { JsonNode } from "../json/node.ts";
import { identify } from "./identity.ts";

/** One list in the app's save and in both views; one that is not there is empty. */
export type Elements = Readonly<Record<"ours" | "base" | "other", readonly JsonNode[]>>;

type Element = Readonly<Record<keyof Elements, JsonNode | undefined>>;

/**
 * The elements of the adjusted base, in the order of base: `of` answers one of them, or `undefined` to leave it out. Elements
 * that `keys` tell apart are met as members of an object are; all others by their value, so that an edited one is one that
 * ours lacks and another that it added.
 */
export const adjustList = (
  { ours, base, other }: Elements,
  keys: readonly string[],
  of: (element: Element, index: number) => string | undefined,
): readonly string[] => {
  const lists = [ours, base, other];
  const [our, bases, others] = (identify(lists, keys, false)?.lists ?? lists.map(byValue)).map(
    (names, index) => new Map(names.map((name, place) => [name, lists[index]?.[place]])),
  );
  const out: string[] = [];
  for (const name of new Set([...(bases?.keys() ?? []), ...(others?.keys() ?? [])])) {
    const text = of({ ours: our?.get(name), base: bases?.get(name), other: others?.get(name) }, out.length);
    if (text !== undefined) out.push(text);
  }
  return out;
};

/** The second of two equal ones is another than the first. */
const byValue = (list: readonly JsonNode[]): readonly string[] => {
  const seen = new Map<string, number>();
  return list.map((node) => {
    const value = canonicalText(node);
    const count = seen.get(value) ?? 0;
    seen.set(value, count + 1);
    return `${value}#${count}`;
  });
};
