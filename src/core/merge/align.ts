/** Beyond this many candidate pairs two lists are not aligned at all: repeated elements make them grow with the square. */
const MAX_PAIRS = 2_000_000;

type Link = { readonly left: number; readonly right: number; readonly before: Link | undefined };

/**
 * A longest common subsequence (Hunt and Szymanski, "A fast algorithm for computing longest common subsequences", 1977): for
 * each index of `left` the matched index of `right`, growing, or -1. Exact, so that a list is always found whole in one that
 * was made by inserting into it. `undefined` when the lists repeat too much for that.
 */
export const align = (left: readonly number[], right: readonly number[]): readonly number[] | undefined => {
  const matched = new Array<number>(left.length).fill(-1);
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) matched[start] = start++;
  let [leftEnd, rightEnd] = [left.length, right.length];
  while (leftEnd > start && rightEnd > start && left[leftEnd - 1] === right[rightEnd - 1])
    matched[--leftEnd] = --rightEnd;
  const places = placesOf(right, start, rightEnd);
  const tails: Link[] = [];
  let pairs = 0;
  for (let index = start; index < leftEnd; index++) {
    const found = places.get(left[index] ?? -1) ?? [];
    pairs += found.length;
    if (pairs > MAX_PAIRS) return undefined;
    for (const place of found) extend(tails, index, place);
  }
  for (let link = tails.at(-1); link !== undefined; link = link.before) matched[link.left] = link.right;
  return matched;
};

/** Where each value stands, the last place first, so that one element of `left` is never matched twice. */
const placesOf = (right: readonly number[], start: number, end: number): ReadonlyMap<number, readonly number[]> => {
  const places = new Map<number, number[]>();
  for (let index = end - 1; index >= start; index--) {
    const value = right[index] ?? -1;
    const found = places.get(value);
    if (found === undefined) places.set(value, [index]);
    else found.push(index);
  }
  return places;
};

/** `tails[n]` ends the common subsequence of n + 1 elements that reaches least far into `right`. */
const extend = (tails: Link[], left: number, right: number): void => {
  let [low, high] = [0, tails.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tails[middle]?.right ?? 0) < right) low = middle + 1;
    else high = middle;
  }
  tails[low] = { left, right, before: low === 0 ? undefined : tails[low - 1] };
};
