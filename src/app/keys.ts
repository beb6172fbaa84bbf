import { key } from "../core/key.ts";
import { shortDigest } from "../core/metadata.ts";
import type { Digest } from "../core/version.ts";

/** Where things lie in the bucket: what a person would make with `aws s3 cp`, so that such tools keep working beside us. */
export const GRAPH_KEY = key("knowledge_graph.json");
export const BACKUPS_PREFIX = "backups/";
export const VERSIONS_PREFIX = ".kgsync/versions/";
export const CONFLICTS_PREFIX = ".kgsync/conflicts/";
export const PROBE_KEY = key(".kgsync/probe");

/** By a digest or its first 16 digits. */
export const versionKey = (sha256: string) => key(`${VERSIONS_PREFIX}${shortDigest(sha256)}.json`);

const MANY = [
  ["backups", BACKUPS_PREFIX],
  ["versions", VERSIONS_PREFIX],
  ["conflicts", CONFLICTS_PREFIX],
] as const;

/** What a key is for a person, and whether there are others of the kind, so that they are worth counting. */
export const wordForKey = (name: string): { readonly what: string; readonly many: boolean } => {
  const of = MANY.find(([, prefix]) => name.startsWith(prefix));
  return of === undefined
    ? { what: name === GRAPH_KEY ? "graph" : "bucket", many: false }
    : { what: of[0], many: true };
};

/** Whether it is for what this program puts, so that an upload of it that was never completed may be aborted. */
export const isOwnKey = (name: string): boolean =>
  name === GRAPH_KEY || name.startsWith(BACKUPS_PREFIX) || name.startsWith(".kgsync/");

/** One key per writer: the newest version that must not replace the graph supersedes the older ones of the same app. */
export const quarantineKey = (writer: string) => key(`${CONFLICTS_PREFIX}quarantine-${writer}.json`);

/** Named by the three versions that met and by the writer, so that a retry makes no second one and no two writers share one. */
export const conflictKeys = (meeting: Digest, writer: string) => {
  const name = `${CONFLICTS_PREFIX}${shortDigest(meeting)}-${writer}`;
  return { record: key(`${name}.json`), ours: key(`${name}.ours.json`), theirs: key(`${name}.theirs.json`) };
};
