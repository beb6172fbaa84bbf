import { documentIo } from "../app/document-io.ts";
import type { Io } from "../app/io.ts";
import { isSet } from "../app/open-document.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Program } from "./program.ts";

/** The ports for the document that a command is about; those of the graph if none is named. Rejects with `usage`. */
export const ioOfDocument = (io: Io, { document: name }: Pick<Program, "document">): Io => {
  if (name === undefined) return io;
  const known = (io.paths.documents ?? []).filter((one) => !isSet(one));
  const found = known.find((one) => one.name === name);
  if (found !== undefined) return documentIo(io, found);
  const names = known.map((one) => one.name).join(", ");
  throw new KgsyncError("usage", `--document ${name}: KGSYNC_INCLUDE has no such file`, {
    hint: names === "" ? "Without --document it is about the graph." : `It has: ${names}. Sets have no versions.`,
  });
};
