import type { FoundDocument } from "../app/find-document.ts";
import type { Io } from "../app/io.ts";
import { type DiffSide, diffDocuments, opaqueSide, readSide } from "../core/diff/diff-documents.ts";
import { outline, type SectionChange } from "../core/diff/outline.ts";
import type { FileMode } from "../core/document.ts";
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

/** Both as the document that the ports are of. Rejects with `graph-invalid` where one of them is not. */
export const compareDocuments = (
  from: FoundDocument,
  to: FoundDocument,
  { document: { mode }, rules: { mergeKeys } }: Pick<Io, "document" | "rules">,
): Comparison => {
  const sides = { from: { document: from, side: sideOf(from, mode) }, to: { document: to, side: sideOf(to, mode) } };
  const options = mergeKeys === undefined ? {} : { identityAt: mergeKeys };
  const { difference, clocks } = diffDocuments(sides.from.side, sides.to.side, options);
  return { ...sides, sections: outline(difference), clocks };
};

const sideOf = ({ place, bytes, sha256 }: FoundDocument, mode: FileMode): DiffSide => {
  const read = mode === "replace" ? opaqueSide(bytes, sha256) : readSide(bytes, mode);
  if (read.ok) return read.side;
  throw new KgsyncError("graph-invalid", `${place} cannot be compared: ${read.why}`, { hint: "Nothing was changed." });
};
