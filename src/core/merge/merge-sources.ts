import { equalJson } from "../json/equal.ts";
import { pointerOf } from "../json/pointer.ts";
import type { Conflict, MergeOptions, Merging, NotedConflict, Rank, Side, Source, Triple } from "./merge-types.ts";
import { mergeValue } from "./merge-value.ts";
import { rankSides } from "./rank-sides.ts";
import { renderDocument } from "./render-document.ts";

type Sources = { readonly base: Source | undefined; readonly ours: Source; readonly theirs: Source };

export type MergedSources = {
  /** A side that the result is equal to by meaning, else the new text. */
  readonly result: Side | { readonly text: string };
  readonly conflicts: readonly Conflict[];
  readonly warnings: readonly string[];
};

/** Merges documents that were read. `blind`: nobody knows what there was when they parted. */
export const mergeSources = (sources: Sources, blind: boolean, options: MergeOptions): MergedSources => {
  const { winner, tie } = rankSides(sources.ours, sources.theirs, options);
  const sides = { winner, loser: winner === "ours" ? ("theirs" as const) : ("ours" as const) };
  const ranked = { winner: sources[sides.winner], loser: sources[sides.loser] };
  const noted: NotedConflict[] = [];
  const warnings: string[] = blind ? ["there is no base: everything that either side has was kept"] : [];
  const texts = { base: sources.base?.text ?? "", winner: ranked.winner.text, loser: ranked.loser.text };
  const m: Merging = {
    texts,
    options,
    tie,
    same: (a, b, triple) => same(texts, a, b, triple),
    merge: (at, triple) => mergeValue(m, at, triple),
    note: (conflict) => noted.push(conflict),
    warn: (warning) => warnings.push(warning),
  };
  const roots = { base: sources.base?.root, winner: ranked.winner.root, loser: ranked.loser.root };
  const { piece, is } = m.merge(undefined, roots);
  const conflicts = noted.map((conflict) => withSides(conflict, sides));
  if (piece === undefined || is.winner || is.loser || piece.kind === "copy")
    return { result: piece?.kind === "copy" ? sides[piece.from] : winner, conflicts, warnings };
  return { result: { text: renderDocument(ranked, piece, options.format) }, conflicts, warnings };
};

/** By the source text first: most parts are spelt alike, and comparing texts costs next to nothing. */
const same = (texts: Merging["texts"], a: keyof Triple, b: keyof Triple, triple: Triple): boolean => {
  const [x, y] = [triple[a], triple[b]];
  if (x === undefined || y === undefined) return x === y;
  if (x.end - x.start === y.end - y.start && texts[a].slice(x.start, x.end) === texts[b].slice(y.start, y.end))
    return true;
  return equalJson(x, y);
};

const withSides = ({ at, kind, chosen, texts }: NotedConflict, sides: Readonly<Record<Rank, Side>>): Conflict => {
  const oursIs: Rank = sides.winner === "ours" ? "winner" : "loser";
  const theirsIs: Rank = sides.winner === "ours" ? "loser" : "winner";
  return {
    pointer: pointerOf(at),
    kind,
    base: texts.base,
    ours: texts[oursIs],
    theirs: texts[theirsIs],
    chosen: sides[chosen],
  };
};
