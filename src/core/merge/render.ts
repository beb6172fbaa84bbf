import type { JsonNode } from "../json/node.ts";
import { type Layout, layoutOf } from "./layout.ts";
import type { Piece, Rank } from "./merge-types.ts";
import { respell } from "./respell.ts";
import type { Style } from "./style.ts";

/** What the parts of a result are written with. `alike`: both documents are written in one style, so parts fit as they are. */
export type Rendering = {
  readonly texts: Readonly<Record<Rank, string>>;
  readonly style: Style;
  readonly alike: boolean;
};

type Composed = Exclude<Piece, { kind: "copy" }>;

/**
 * Writes a part of the result into `out`: copied parts are their source text, containers made of both sides take white space
 * from the winner's container, or the loser's, or the document's style. `depth`: how many containers are around it.
 */
export const renderPiece = (r: Rendering, piece: Piece, depth: number, out: string[]): void => {
  if (piece.kind === "copy") renderCopy(r, piece.from, piece.node, depth, out);
  else renderComposed(r, piece, depth, out);
};

const renderCopy = (r: Rendering, from: Rank, node: JsonNode, depth: number, out: string[]): void => {
  if (from === "winner" || r.alike) out.push(r.texts[from].slice(node.start, node.end));
  else respell(r.style, r.texts[from], node, depth, out);
};

const renderComposed = (r: Rendering, piece: Composed, depth: number, out: string[]): void => {
  const [open, end] = piece.kind === "object" ? "{}" : "[]";
  const layouts = { winner: layoutIn(r, piece, "winner"), loser: layoutIn(r, piece, "loser") };
  const spaces = spacesOf(r, layouts, depth);
  const parts: Iterable<readonly [string | JsonNode | undefined, Piece]> =
    piece.kind === "object" ? piece.members : piece.items.map((item) => [nodeOf(item), item] as const);
  out.push(open ?? "");
  let first = true;
  for (const [id, part] of parts) {
    const own = id === undefined ? undefined : layouts.winner?.slots.get(id);
    const lead = first ? spaces.firstLead : spaces.nextLead;
    out.push(own?.first === first ? own.lead : lead);
    if (typeof id === "string") {
      const key = own?.key ?? layouts.loser?.slots.get(id)?.key ?? JSON.stringify(id);
      out.push(key, spaces.colon);
    }
    renderPiece(r, part, depth + 1, out);
    first = false;
  }
  out.push(first ? "" : spaces.close, end ?? "");
};

const nodeOf = (piece: Piece): JsonNode | undefined => {
  if (piece.kind !== "copy") return piece.like.winner;
  return piece.from === "winner" ? piece.node : undefined;
};

const layoutIn = (r: Rendering, piece: Composed, rank: Rank): Layout | undefined => {
  const node = piece.like[rank];
  if (node === undefined || (node.kind === "object" ? node.entries.size : node.items.length) === 0) return undefined;
  return layoutOf(r.texts[rank], node);
};

type Spaces = { readonly firstLead: string; readonly nextLead: string; readonly colon: string; readonly close: string };

const spacesOf = (r: Rendering, layouts: Readonly<Record<Rank, Layout | undefined>>, depth: number): Spaces => {
  const host = layouts.winner ?? (r.alike ? layouts.loser : undefined);
  const { eol, indent, colon } = r.style;
  if (host === undefined) {
    const lead = indent === undefined ? "" : eol + indent.repeat(depth + 1);
    return {
      firstLead: lead,
      nextLead: `,${lead}`,
      colon,
      close: indent === undefined ? "" : eol + indent.repeat(depth),
    };
  }
  const other = layouts.loser?.firstLead === host.firstLead ? layouts.loser.nextLead : undefined;
  const inline = colon === ":" ? "," : ", ";
  const nextLead = host.nextLead ?? other ?? (host.firstLead.includes("\n") ? `,${host.firstLead}` : inline);
  return { firstLead: host.firstLead, nextLead, colon: host.colon ?? colon, close: host.close };
};
