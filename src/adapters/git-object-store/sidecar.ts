import { createHash } from "node:crypto";
import type { Metadata } from "../../ports/object-store.ts";

/** Below the bucket's folder: not objects, in no listing. */
const META = ".kgsync/meta/";

/**
 * What a commit has no place for, as a file beside the object: it counts only while the object is the blob that it names. A
 * person who commits another graph leaves it as it is, and the graph is an ordinary version without metadata then.
 */
export type Sidecar = {
  /** The object's id in git. */
  readonly blob: string;
  /** Unix milliseconds of the writer's clock. */
  readonly written: number;
  readonly metadata: Metadata;
};

// A folder never ends as a sidecar does: `a` and `a.json/b` may both be objects.
const folderName = (name: string): string => (/\.json~*$/.test(name) ? `${name}~` : name);

/** The sidecar's path for a key's. */
export const sidecarPath = (key: string): string => {
  const parts = key.split("/");
  const name = parts.pop();
  return `${META}${[...parts.map(folderName), `${name}.json`].join("/")}`;
};

export const isSidecarPath = (path: string): boolean => path.startsWith(META);

/** Readable, as it comes up in diffs; each member on a line. */
export const formatSidecar = ({ blob, written, metadata }: Sidecar): string =>
  `${JSON.stringify({ blob, written, metadata }, undefined, 1)}\n`;

/** `undefined` for what is not one: a person may have written there. */
export const parseSidecar = (text: string): Sidecar | undefined => {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || !("blob" in json) || typeof json.blob !== "string")
      return undefined;
    const metadata = "metadata" in json ? textsOf(json.metadata) : undefined;
    if (!("written" in json) || typeof json.written !== "number" || metadata === undefined) return undefined;
    return { blob: json.blob, written: json.written, metadata };
  } catch {
    return undefined;
  }
};

const textsOf = (value: unknown): Metadata | undefined => {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(entries);
};

/** The id that git gives to a blob (gitformat-pack(5)), in the repository's object format, known by the length of another id. */
export const blobId = (content: string, like: string): string => {
  const bytes = Buffer.from(content, "utf8");
  return createHash(like.length === 40 ? "sha1" : "sha256")
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest("hex");
};
