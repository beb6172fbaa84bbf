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

/** What a key is for a person. */
export const wordForKey = (name: string): string => {
  if (name === GRAPH_KEY) return "graph";
  if (name.startsWith(BACKUPS_PREFIX)) return "backups";
  if (name.startsWith(VERSIONS_PREFIX)) return "versions";
  return name.startsWith(CONFLICTS_PREFIX) ? "conflicts" : "bucket";
};

/** One key per writer: the newest version that must not replace the graph supersedes the older ones of the same app. */
export const quarantineKey = (writer: string) => key(`${CONFLICTS_PREFIX}quarantine-${writer}.json`);

/** Named by the three versions that met and by the writer, so that a retry makes no second one and no two writers share one. */
export const conflictKeys = (meeting: Digest, writer: string) => {
  const name = `${CONFLICTS_PREFIX}${shortDigest(meeting)}-${writer}`;
  return { record: key(`${name}.json`), ours: key(`${name}.ours.json`), theirs: key(`${name}.theirs.json`) };
};
