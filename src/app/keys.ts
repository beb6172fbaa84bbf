import type { FileMode } from "../core/document.ts";
import { type Key, key } from "../core/key.ts";
import { shortDigest } from "../core/metadata.ts";
import type { Digest } from "../core/version.ts";

/** Where things lie in the bucket: what a person would make with `aws s3 cp`, so that such tools keep working beside us. */
export const GRAPH_KEY = key("knowledge_graph.json");
const BACKUPS_PREFIX = "backups/";
const VERSIONS_PREFIX = ".kgsync/versions/";
const CONFLICTS_PREFIX = ".kgsync/conflicts/";
const DOCUMENTS_PREFIX = ".kgsync/documents/";
/** Below it lie the versions of a bucket that is kept create-only. */
export const CHAIN_PREFIX = ".kgsync/chain/";
export const PROBE_KEY = key(".kgsync/probe");

/** One document in the bucket: what its content is, where it lies, and where what belongs to it does. */
export type DocumentPlace = {
  /** As people call it; `undefined`: the graph, which most have alone. */
  readonly name: string | undefined;
  readonly mode: FileMode;
  readonly key: Key;
  /** The three end with a slash. */
  readonly backups: string;
  readonly versions: string;
  readonly conflicts: string;
};

/** The graph's place. One that is not JSON has its own name, since that of the others would lie about it. */
export const graphPlace = (mode: FileMode, name: Key): DocumentPlace => ({
  name: undefined,
  mode,
  key: mode === "merge-json" ? GRAPH_KEY : name,
  backups: BACKUPS_PREFIX,
  versions: VERSIONS_PREFIX,
  conflicts: CONFLICTS_PREFIX,
});

/** The place of a document beside the graph, or of a set of files. Whatever belongs to it lies apart from the graph's. */
export const includedPlace = (mode: FileMode, name: Key): DocumentPlace => ({
  name,
  mode,
  key: name,
  backups: `${name}/`,
  versions: `${DOCUMENTS_PREFIX}${name}/versions/`,
  conflicts: `${DOCUMENTS_PREFIX}${name}/conflicts/`,
});

const suffix = (name: string): string => ` (${name})`;

/** The bucket as a document's state and messages name it: what is known of one document is no ground for another. */
export const bucketFor = (bucket: string, name: string): string => bucket + suffix(name);

/** Where an object lies, for people. */
export const placeOf = (
  { store, document }: { readonly store: { readonly name: string }; readonly document: DocumentPlace },
  name: string,
): string => {
  const bucket = document.name === undefined ? store.name : store.name.slice(0, -suffix(document.name).length);
  return `${bucket}/${name}`;
};

/** By a digest or its first 16 digits. */
export const versionKey = ({ versions }: Pick<DocumentPlace, "versions">, sha256: string) =>
  key(`${versions}${shortDigest(sha256)}.json`);

/** What a key is for a person, and whether there are others of the kind, so that they are worth counting. */
export const wordForKey =
  (places: readonly DocumentPlace[]) =>
  (name: string): { readonly what: string; readonly many: boolean } => {
    for (const what of ["backups", "versions", "conflicts"] as const)
      if (places.some((place) => name.startsWith(place[what]))) return { what, many: true };
    const place = places.find(({ key }) => key === name);
    return { what: place === undefined ? "bucket" : (place.name ?? "graph"), many: false };
  };

/** Whether it is for what this program puts, so that an upload of it that was never completed may be aborted. */
export const isOwnKey =
  (places: readonly DocumentPlace[]) =>
  (name: string): boolean =>
    name.startsWith(".kgsync/") || places.some(({ key, backups }) => name === key || name.startsWith(backups));

/** One key per writer: the newest version that must not replace the graph supersedes the older ones of the same app. */
export const quarantineKey = ({ conflicts }: Pick<DocumentPlace, "conflicts">, writer: string) =>
  key(`${conflicts}quarantine-${writer}.json`);

/** Named by the three versions that met and by the writer, so that a retry makes no second one and no two writers share one. */
export const conflictKeys = ({ conflicts }: Pick<DocumentPlace, "conflicts">, meeting: Digest, writer: string) => {
  const name = `${conflicts}${shortDigest(meeting)}-${writer}`;
  return { record: key(`${name}.json`), ours: key(`${name}.ours.json`), theirs: key(`${name}.theirs.json`) };
};
