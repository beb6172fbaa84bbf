import { type Digest, parseDigest } from "../../core/version.ts";
import type { Metadata } from "../../ports/object-store.ts";
import type { Stamp } from "./stamp.ts";

/**
 * One version: the sidecar of the plain file. Its content and metadata count only while the file has the digest;
 * `content` is undefined for a deletion. `replaces` is the file that it found, undefined for none.
 */
export type VersionRecord = {
  readonly number: number;
  /** The write that made it: the name of its folder below `writes/`. */
  readonly id: string;
  readonly key: string;
  readonly replaces: Stamp | undefined;
  readonly content:
    | {
        readonly digest: Digest;
        readonly stamp: Stamp;
        readonly contentType: string;
        readonly metadata: Metadata;
      }
    | undefined;
};

const FORMAT = 1;

export const formatRecord = (record: VersionRecord): string => JSON.stringify({ format: FORMAT, ...record });

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not an object");
  return value as Json;
};
const text = (value: unknown): string => {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
};
const count = (value: unknown): number => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new TypeError("not a count");
  return value;
};
const stamp = (value: unknown): Stamp => {
  const json = object(value);
  return { size: count(json["size"]), mtimeNs: text(json["mtimeNs"]), inode: text(json["inode"]) };
};
const optional = <T>(value: unknown, parse: (value: unknown) => T): T | undefined =>
  value === undefined ? undefined : parse(value);

const content = (value: unknown): NonNullable<VersionRecord["content"]> => {
  const json = object(value);
  const digest = parseDigest(text(json["digest"]));
  if (digest === undefined) throw new TypeError("not a digest");
  const metadata = Object.fromEntries(Object.entries(object(json["metadata"])).map(([name, v]) => [name, text(v)]));
  return { digest, stamp: stamp(json["stamp"]), contentType: text(json["contentType"]), metadata };
};

/** Throws TypeError or SyntaxError for what is not a record of this format. */
export const parseRecord = (source: string): VersionRecord => {
  const json = object(JSON.parse(source));
  if (json["format"] !== FORMAT) throw new TypeError(`format ${String(json["format"])} is not ${FORMAT}`);
  return {
    number: count(json["number"]),
    id: text(json["id"]),
    key: text(json["key"]),
    replaces: optional(json["replaces"], stamp),
    content: optional(json["content"], content),
  };
};
