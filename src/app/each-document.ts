import type { IncludedDocument } from "../core/document.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import { documentIo, errorOf } from "./document-io.ts";
import type { Io } from "./io.ts";

/**
 * Does something for the graph and for each document beside it, one after the other, also behind one that it failed for. Rejects
 * by the first failure, with the words of all. `document` is `undefined` for the graph.
 */
export const eachDocument = async <T>(
  io: Io,
  work: (io: Io, document: IncludedDocument | undefined) => Promise<T>,
): Promise<readonly T[]> => {
  const results: T[] = [];
  const failures: KgsyncError[] = [];
  for (const document of [undefined, ...(io.paths.documents ?? [])])
    try {
      results.push(await work(document === undefined ? io : documentIo(io, document), document));
    } catch (thrown) {
      failures.push(document === undefined ? toKgsyncError(thrown) : errorOf(document.name, thrown));
    }
  const [first, ...others] = failures;
  if (first === undefined) return results;
  if (others.length === 0) throw first;
  const message = failures.map((failure) => failure.message).join("; ");
  throw new KgsyncError(first.code, message, { cause: first, hint: first.hint });
};
