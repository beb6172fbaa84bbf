import type { FoundDocument } from "../app/find-document.ts";
import type { Config } from "../config/schema.ts";
import { type DiffSide, diffDocuments, readSide } from "../core/diff/diff-documents.ts";
import { outline, type SectionChange } from "../core/diff/outline.ts";
import { KgsyncError } from "../core/errors.ts";

/** Two documents and what is different in them, ready to be shown. */
export type Comparison = {
  readonly from: { readonly document: FoundDocument; readonly side: DiffSide };
  readonly to: { readonly document: FoundDocument; readonly side: DiffSide };
  /** Empty: equal by meaning. */
  readonly sections: readonly SectionChange[];
  /** Clock fields that differ, which alone make no difference. */
  readonly clocks: readonly string[];
};

/** Rejects with `graph-invalid` where one of them is not JSON. */
export const compareDocuments = (from: FoundDocument, to: FoundDocument, { mergeKeys }: Config): Comparison => {
  const sides = { from: { document: from, side: sideOf(from) }, to: { document: to, side: sideOf(to) } };
  const options = mergeKeys === undefined ? {} : { identityAt: mergeKeys };
  const { difference, clocks } = diffDocuments(sides.from.side, sides.to.side, options);
  return { ...sides, sections: outline(difference), clocks };
};

const sideOf = ({ place, bytes }: FoundDocument): DiffSide => {
  const read = readSide(bytes);
  if (read.ok) return read.side;
  throw new KgsyncError("graph-invalid", `${place} cannot be compared: ${read.why}`, { hint: "Nothing was changed." });
};
