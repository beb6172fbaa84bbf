import { type Digest, parseDigest } from "./version.ts";

/** What kgsync writes beside the graph in the bucket. An object without it (from `aws s3 cp`) is an ordinary version. */
export type GraphMetadata = {
  readonly sha256: Digest;
  /** The version that this one replaced. */
  readonly parent: Digest | undefined;
  /** First 16 digits of the versions before this one, newest first; a local file found among them is merely old. */
  readonly ancestors: readonly string[];
  readonly writer: string;
  /** The lease under which this version, or one before it, was written. It never sinks. */
  readonly epoch: number | undefined;
  /** Unique for each put: tells after a lost answer whether it was ours that arrived. */
  readonly writeId: string;
};

/** A newer format is read as far as it is understood. */
const FORMAT = "1";
/**
 * 64 × 17 characters stay below S3's 2 KB for all metadata. A put whose answer was lost, or whose wrapper died, is known
 * for ours as long as it is among them: with two writers that is minutes.
 */
const MAX_ANCESTORS = 64;
const SHORT = 16;

export const shortDigest = (digest: string): string => digest.slice(0, SHORT);

export const encodeMetadata = (m: GraphMetadata): Readonly<Record<string, string>> => ({
  "kgsync-format": FORMAT,
  "kgsync-sha256": m.sha256,
  ...(m.parent === undefined ? {} : { "kgsync-parent": m.parent }),
  ...(m.ancestors.length === 0 ? {} : { "kgsync-ancestors": m.ancestors.slice(0, MAX_ANCESTORS).join(",") }),
  "kgsync-writer": m.writer,
  ...(m.epoch === undefined ? {} : { "kgsync-epoch": String(m.epoch) }),
  "kgsync-write-id": m.writeId,
});

/**
 * Reads metadata as far as it can be believed: `actual` is the digest of the bytes it came with. Where the two differ
 * somebody copied an object with its metadata and other bytes, and nothing of it counts.
 */
export const decodeMetadata = (
  raw: Readonly<Record<string, string>>,
  actual: Digest | undefined,
): GraphMetadata | undefined => {
  const sha256 = parseDigest(raw["kgsync-sha256"]);
  if (sha256 === undefined || (actual !== undefined && actual !== sha256)) return undefined;
  return {
    sha256,
    parent: parseDigest(raw["kgsync-parent"]),
    ancestors: (raw["kgsync-ancestors"] ?? "").split(",").filter((text) => /^[0-9a-f]{16}$/.test(text)),
    writer: raw["kgsync-writer"] ?? "",
    epoch: parseEpoch(raw["kgsync-epoch"]),
    writeId: raw["kgsync-write-id"] ?? "",
  };
};

const parseEpoch = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;

/** The ancestors of a version that replaces `parent` and carries the changes of `integrated` too. */
export const ancestorsAfter = (
  parent: { readonly sha256: Digest; readonly ancestors: readonly string[] } | undefined,
  integrated: readonly Digest[],
): readonly string[] => {
  const all = [
    ...integrated.map(shortDigest),
    ...(parent === undefined ? [] : [shortDigest(parent.sha256), ...parent.ancestors]),
  ];
  return [...new Set(all)].slice(0, MAX_ANCESTORS);
};

export const isAncestor = (digest: Digest, ancestors: readonly string[]): boolean =>
  ancestors.includes(shortDigest(digest));
