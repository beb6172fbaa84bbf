import { checkDocument } from "../core/check-document.ts";
import type { IncludedDocument } from "../core/document.ts";
import { documentWords } from "../core/document-words.ts";
import { KgsyncError, toKgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Io } from "./io.ts";
import { bucketFor, includedPlace } from "./keys.ts";

/** Where the book-keeping of a document beside the graph is kept, so that the graph's own stays where it was. */
export const documentState = (state: string, name: string): string => `${state}/documents/${name}`;

/**
 * The same ports for a document beside the graph: to the use cases it is the graph, with another path, key and mode. So each
 * has a state, conflicts and versions of its own, and the promise holds for each. Of a set only the folder is synced.
 */
export const documentIo = (io: Io, { name, path, mode }: IncludedDocument): Io => {
  const isSet = mode === "immutable-set";
  const fileMode = isSet ? "replace" : mode;
  const { beforePush } = io;
  return {
    ...io,
    log: about(io.log, name),
    paths: { graph: path, backups: isSet ? path : undefined, state: documentState(io.paths.state, name) },
    document: includedPlace(fileMode, name),
    large: undefined, // it is in memory, whatever its size
    inspect: async (bytes) => checkDocument(bytes, fileMode, io.sha256),
    // What is new to the list need not be anywhere yet; that the prefix is the right one, the graph tells. A set comes whole.
    rules: { ...io.rules, firstBoot: "allow", backupsPull: { kind: "all" } },
    beforePush: beforePush && ((budget, facts) => beforePush(budget, { ...facts, document: name })),
    metrics: io.metrics && counted(io.metrics, name),
    store: { ...io.store, name: bucketFor(io.store.name, name) },
  };
};

/** The same error, that says which document it is about. */
export const errorOf = (name: string, thrown: unknown): KgsyncError => {
  const { code, message, hint } = toKgsyncError(thrown);
  return new KgsyncError(code, `${name}: ${documentWords(message)}`, { cause: thrown, hint: documentWords(hint) });
};

const about = (log: Log, document: string): Log => {
  const write =
    (level: keyof Log): Log["info"] =>
    (event, message, fields = {}) =>
      log[level](event, documentWords(message), { document, ...fields });
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
};

/** Counted together with the graph's; what is measured of the graph is of the graph alone. */
const counted = ({ note }: Metrics, document: string): Metrics => ({
  note: (happening) => {
    if (happening.type === "graph") return;
    note(happening.type === "push" ? { ...happening, document } : happening);
  },
});
