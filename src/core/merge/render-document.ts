import type { MergeOptions, Piece, Rank, Source } from "./merge-types.ts";
import { type Rendering, renderPiece } from "./render.ts";
import { equalStyles, firstStyle, lineStyleOf, styleOf } from "./style.ts";

type Sources = Readonly<Record<Rank, Source>>;

/** The result as text. What stands around the root (the final newline, or none) is the winner's. */
export const renderDocument = (sources: Sources, root: Piece, format: MergeOptions["format"]): string => {
  const { winner, loser } = sources;
  const texts = { winner: winner.text, loser: loser.text };
  if (format === "jsonl" && root.kind === "array") return renderLines(sources, root);
  const style = firstStyle(styleOf(winner), styleOf(loser));
  const out: string[] = [];
  renderPiece({ texts, style, alike: equalStyles(style, styleOf(loser)) }, root, 0, out);
  return winner.text.slice(0, winner.root.start) + out.join("") + winner.text.slice(winner.root.end);
};

/** Records are copied as they are, whatever the style of their document: each is a line of its own. */
const renderLines = ({ winner, loser }: Sources, root: Extract<Piece, { kind: "array" }>): string => {
  const style = firstStyle(lineStyleOf(winner), lineStyleOf(loser));
  const rendering: Rendering = { texts: { winner: winner.text, loser: loser.text }, style, alike: true };
  const lines = root.items.map((item) => {
    const out: string[] = [];
    renderPiece(rendering, item, 0, out);
    return out.join("");
  });
  const { text } = winner.text.trim() === "" ? loser : winner;
  return lines.join(style.eol) + (text.endsWith("\n") && lines.length > 0 ? style.eol : "");
};
