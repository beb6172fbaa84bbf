/** Where a part of a list begins, and where it ends (exclusive). */
export type Range = readonly [from: number, to: number];

/** One part of base and what each side made of it. An empty part of base is a point where something was inserted. */
export type Chunk = { readonly base: Range; readonly winner: Range; readonly loser: Range };

/** A side: its elements (equal number, equal meaning) and where the elements of base stand in it (-1: nowhere). */
export type AlignedSide = { readonly ids: readonly number[]; readonly matched: readonly number[] };

/**
 * A boundary of base in one side: where what stood before it ends, and where what stood behind it begins. Not `certain`: it is
 * inside of something that the side replaced as a whole, from `end` to `begin`.
 */
type Boundary = { readonly end: number; readonly begin: number; readonly certain: boolean };

type Cut = { readonly end: number; readonly begin: number };

/**
 * Cuts three lists into parts that can be merged apart from each other (Khanna, Kunal, Pierce, "A formal investigation of
 * diff3", 2007), at every boundary of base whose place is certain on both sides: beside an element that is still there, or
 * among removed ones. So changes that only touch do not count as overlapping.
 */
export const cutChunks = (length: number, winner: AlignedSide, loser: AlignedSide): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  const [winnerBoundaries, loserBoundaries] = [boundariesOf(winner, length), boundariesOf(loser, length)];
  const taken = { winner: new Set(winner.matched), loser: new Set(loser.matched) };
  let last = { at: 0, winner: 0, loser: 0 };
  for (const [at, inWinner] of winnerBoundaries.entries()) {
    const inLoser = loserBoundaries[at] ?? { end: 0, begin: 0, certain: false };
    const w = cut(winner.ids, inWinner, last.winner, taken.winner, zone(loser, inLoser));
    const l = cut(loser.ids, inLoser, last.loser, taken.loser, zone(winner, inWinner));
    if (w === undefined || l === undefined) continue;
    chunks.push({ base: [last.at, at], winner: [last.winner, w.end], loser: [last.loser, l.end] });
    chunks.push({ base: [at, at], winner: [w.end, w.begin], loser: [l.end, l.begin] });
    last = { at, winner: w.begin, loser: l.begin };
  }
  const rest: Chunk = {
    base: [last.at, length],
    winner: [last.winner, winner.ids.length],
    loser: [last.loser, loser.ids.length],
  };
  return [...chunks, rest];
};

/** For each boundary of base, its two ends included. */
const boundariesOf = ({ ids, matched }: AlignedSide, length: number): readonly Boundary[] => {
  const next = new Array<number>(length + 1).fill(ids.length); // where the first element behind is that is still there
  for (let at = length - 1; at >= 0; at--) next[at] = isThere(matched, at) ? (matched[at] ?? 0) : (next[at + 1] ?? 0);
  let low = 0; // behind the last element before that is still there
  return next.map((high, at) => {
    const [before, behind] = [at === 0 || isThere(matched, at - 1), at === length || isThere(matched, at)];
    if (at > 0 && before) low = (matched[at - 1] ?? 0) + 1;
    if (before) return { end: low, begin: behind ? high : low, certain: true };
    return { end: behind ? high : low, begin: high, certain: behind || low === high };
  });
};

const isThere = (matched: readonly number[], at: number): boolean => (matched[at] ?? -1) >= 0;

/** What a side inserted at a boundary. */
const zone = ({ ids }: AlignedSide, { end, begin, certain }: Boundary): readonly number[] =>
  certain ? ids.slice(end, begin) : [];

/**
 * Where to cut a side, if its place is known. Where the side replaced what stands at the boundary, and what the other side
 * inserted there is in the replacement, that is the same insertion: else merging a result with one of its sides again would
 * insert it twice. If only some of it is there, this is no place to cut.
 */
const cut = (
  ids: readonly number[],
  { end, begin, certain }: Boundary,
  from: number,
  taken: ReadonlySet<number>,
  inserted: readonly number[],
): Cut | undefined => {
  if (inserted.length === 0 || (certain && end !== begin)) return certain ? { end, begin } : undefined;
  const [low, high] = certain ? around(ids, end, from, taken) : [Math.max(from, end), begin];
  const starts = Array.from({ length: Math.max(0, high - low) }, (_, index) => low + index);
  const start = starts.find((place) =>
    inserted.every((id, index) => place + index < high && ids[place + index] === id),
  );
  const stop = (start ?? 0) + inserted.length;
  if (!certain) return start === undefined ? undefined : { end: start, begin: stop };
  if (start !== undefined && (stop === end || start === end)) return { end: start, begin: stop };
  return starts.some((place) => inserted.includes(ids[place] ?? -1)) ? undefined : { end, begin };
};

/** The replacement that touches a place, before and behind it. */
const around = (ids: readonly number[], at: number, from: number, taken: ReadonlySet<number>): Range => {
  let [low, high] = [at, at];
  while (low > from && !taken.has(low - 1)) low--;
  while (high < ids.length && !taken.has(high)) high++;
  return [low, high];
};
