import type { JsonNode } from "../json/node.ts";
import type { Path } from "../json/pointer.ts";
import type { Merging, Rank } from "./merge-types.ts";

type Parts = Readonly<Record<"base" | Rank, readonly JsonNode[]>>;

/** Notes that both sides changed one part of a list: each version of that part as raw JSON. */
export const noteSequence = (
  m: Merging,
  at: Path,
  chosen: Rank,
  parts: Parts,
  kind: "sequence" | "delete/edit" = "sequence",
): void => {
  const raw = (of: "base" | Rank): string =>
    `[${parts[of].map(({ start, end }) => m.texts[of].slice(start, end)).join(",")}]`;
  m.note({ at, kind, chosen, texts: { base: raw("base"), winner: raw("winner"), loser: raw("loser") } });
};
