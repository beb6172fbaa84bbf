import { type Graph, sameMeaning } from "../core/graph.ts";
import type { ScannedGraph } from "../core/scan/scan-graph.ts";
import type { LargeFile } from "../ports/large-files.ts";
import type { Body } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";

/** The bytes of a graph: in memory, or in a file because they are too many. */
export type Content = Uint8Array | LargeFile;

/** A graph that was looked into: all of it, or what is kept of a large one and where it lies. */
export type SeenGraph = Graph | (ScannedGraph & { readonly file: LargeFile });

export const sizeOf = (content: Content): number =>
  content instanceof Uint8Array ? content.length : content.stamp.size;

export const bodyOf = ({ large }: Pick<Io, "large">, content: Content): Body => {
  if (content instanceof Uint8Array) return content;
  if (large === undefined) throw new RangeError("a large file, and nothing to read it with");
  return large.body(content);
};

/** Replaces or creates the file `path`. */
export const writeContent = async (
  { files, large }: Pick<Io, "files" | "large">,
  path: string,
  content: Content,
): Promise<void> => {
  if (content instanceof Uint8Array) await files.write(path, content);
  else await large?.copy(content, path);
};

/** Bytes of a document that is merged, at most: four of them and the result have to fit into V8's strings and the memory. */
const MERGED_AT_MOST = 256 * 1024 * 1024;

/** All of it in memory, for a merge; `undefined` where it is too large to be merged. */
export const wholeOf = async (io: Pick<Io, "large">, content: Content): Promise<Uint8Array | undefined> => {
  if (content instanceof Uint8Array) return content;
  const body = bodyOf(io, content);
  if (body instanceof Uint8Array) return body;
  return body.size > MERGED_AT_MOST ? undefined : await body.read(0, body.size);
};

/** Whether the difference is no save. Of large graphs only their clocks may differ, to the byte; one of each kind differ. */
export const sameGraph = async ({ large }: Pick<Io, "large">, a: SeenGraph, b: SeenGraph): Promise<boolean> => {
  if ("root" in a) return "root" in b && sameMeaning(a, b);
  return !("root" in b) && large !== undefined && large.same(a.file, b.file);
};

/** One try of a put. A large body may take all the time that is left: where nothing moves, the store itself gives up. */
export const attemptPut = <T>(
  budget: Budget,
  content: Content | Body,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => (content instanceof Uint8Array ? budget.attempt(work) : work(budget.signal));
