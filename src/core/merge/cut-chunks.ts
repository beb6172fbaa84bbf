/** Where a part of a list begins, and where it ends (exclusive). */
export type Range = readonly [from: number, to: number];

/** One part of base and what each side made of it. An empty part of base is a point where something was inserted. */
export type Chunk = { readonly base: Range; readonly winner: Range; readonly loser: Range };

/** A side: its elements (equal number, equal meaning) and where the elements of base stand in it (-1: nowhere). */
export type AlignedSide = { readonly ids: readonly number[]; readonly matched: readonly number[] };

/** A boundary of base in one side: where what stood before it ends, and where what stood behind it begins. */
type Boundary = { readonly end: number; readonly begin: number };

/**
 * Cuts three lists into parts that can be merged apart from each other (Khanna, Kunal, Pierce, "A formal investigation of
 * diff3", 2007), at every boundary of base whose place is certain on both sides: beside an element that is still there. So
 * changes that only touch do not count as overlapping.
 */
export const cutChunks = (length: number, winner: AlignedSide, loser: AlignedSide): readonly Chunk[] => {
  const chunks: Chunk[] = [];
  const taken = { winner: new Set(winner.matched), loser: new Set(loser.matched) };
  let last = { at: 0, winner: 0, loser: 0 };
  for (let at = 0; at <= length; at++) {
    const inWinner = boundary(winner, at, length);
    const inLoser = boundary(loser, at, length);
    if (inWinner === undefined || inLoser === undefined) continue;
    const w = share(winner, inWinner, last.winner, taken.winner, zone(loser, inLoser));
    const l = share(loser, inLoser, last.loser, taken.loser, zone(winner, inWinner));
    chunks.push({ base: [last.at, at], winner: [last.winner, w.end], loser: [last.loser, l.end] });
    chunks.push({ base: [at, at], winner: [w.end, w.begin], loser: [l.end, l.begin] });
    last = { at, winner: w.begin, loser: l.begin };
  }
  return chunks;
};

const boundary = ({ ids, matched }: AlignedSide, at: number, length: number): Boundary | undefined => {
  const before = at === 0 ? -1 : (matched[at - 1] ?? -1);
  const behind = at === length ? ids.length : (matched[at] ?? -1);
  if (at === 0 || before >= 0) return { end: before + 1, begin: behind >= 0 ? behind : before + 1 };
  return behind >= 0 ? { end: behind, begin: behind } : undefined;
};

/** What a side inserted at a boundary. */
const zone = ({ ids }: AlignedSide, { end, begin }: Boundary): readonly number[] => ids.slice(end, begin);

/**
 * Where this side replaced what stood at the boundary, and its replacement ends or begins with what the other side inserted
 * there, that part is the same insertion: else merging a result with one of its sides again would insert it twice.
 */
const share = (
  { ids }: AlignedSide,
  { end, begin }: Boundary,
  from: number,
  taken: ReadonlySet<number>,
  inserted: readonly number[],
): Boundary => {
  const { length } = inserted;
  if (end !== begin || length === 0) return { end, begin };
  const isSame = (start: number): boolean =>
    start >= from && inserted.every((id, index) => ids[start + index] === id && !taken.has(start + index));
  if (isSame(end - length)) return { end: end - length, begin };
  return isSame(begin) ? { end, begin: begin + length } : { end, begin };
};
