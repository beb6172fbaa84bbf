import { decodeMetadata, shortDigest } from "../core/metadata.ts";
import type { ObjectMeta } from "../ports/object-store.ts";
import type { Io } from "./io.ts";
import { versionKey } from "./keys.ts";
import { listBackups } from "./list-backups.ts";
import { listConflicts } from "./list-conflicts.ts";
import { listVersions } from "./list-versions.ts";
import { runBounded } from "./run-bounded.ts";

/** One line of the bucket's history. */
export type HistoryEntry = {
  readonly kind: "graph" | "version" | "backup" | "conflict";
  /** As `findDocument` and the `conflicts` command understand it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** By the store's clock, Unix milliseconds: when it was written; of a version, when it was replaced. */
  readonly time: number;
  /** `undefined`: not known. Somebody copied it there, or an earlier kgsync kept it. */
  readonly writer: string | undefined;
  /** Of a backup: how many files it has. */
  readonly files: number;
  /** Of a conflict. */
  readonly resolved: boolean;
};

export type History = {
  /** Newest first, the graph before all, at most `limit`. */
  readonly entries: readonly HistoryEntry[];
  /** How many there are. */
  readonly total: number;
};

type Listing = Pick<Io, "store" | "sha256" | "document">;

const AT_ONCE = 8;
const PLAIN = { writer: undefined, files: 1, resolved: false };

/** The graph, the versions that were replaced, backups and conflicts. Rejects as the store does. */
export const listHistory = async (io: Listing, limit: number, signal: AbortSignal): Promise<History> => {
  const [graph, versions, backups, conflicts] = await Promise.all([
    findGraph(io, signal),
    listVersions(io, "", signal),
    listBackups(io, signal),
    listConflicts(io, signal),
  ]);
  const past: readonly HistoryEntry[] = [
    ...versions.map(({ modified, ...one }) => ({ ...PLAIN, ...one, kind: "version" as const, time: modified })),
    ...backups.map(({ modified, ...one }) => ({ ...PLAIN, ...one, kind: "backup" as const, time: modified })),
    ...conflicts.map(({ name, size, modified, writer, resolved }) => ({
      ...PLAIN,
      kind: "conflict" as const,
      ...{ name, size, writer, resolved, time: modified },
    })),
  ];
  const all = [...graph, ...[...past].sort((a, b) => b.time - a.time)];
  return { entries: await withWriters(io, all.slice(0, limit), signal), total: all.length };
};

/** A store lists no metadata, and an answer to HEAD has no time. */
const findGraph = async (
  { store, document: { key } }: Listing,
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> => {
  const head = await store.head(key, signal);
  if (head === undefined) return [];
  let time = 0;
  for await (const { name, modified } of store.list(key, signal)) if (name === key) time = modified;
  const digest = decodeMetadata(head.metadata, undefined)?.sha256;
  const name = digest === undefined ? "bucket" : shortDigest(digest);
  return [{ ...PLAIN, kind: "graph", name, size: head.size, time, writer: writerIn(head) }];
};

/** Only of what is shown: it costs a request each. */
const withWriters = async (
  { store, document }: Listing,
  entries: readonly HistoryEntry[],
  signal: AbortSignal,
): Promise<readonly HistoryEntry[]> => {
  const writers = new Map<string, string | undefined>();
  const versions = entries.filter(({ kind }) => kind === "version");
  await runBounded(versions, AT_ONCE, async ({ name }) => {
    writers.set(name, writerIn(await store.head(versionKey(document, name), signal)));
  });
  return entries.map((entry) => (entry.kind === "version" ? { ...entry, writer: writers.get(entry.name) } : entry));
};

const writerIn = (meta: ObjectMeta | undefined): string | undefined => {
  const writer = meta?.metadata["kgsync-writer"];
  return writer === "" ? undefined : writer;
};
