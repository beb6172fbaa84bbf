import { parseConflictName } from "../core/conflict-name.ts";
import { shortDigest } from "../core/metadata.ts";
import type { ETag } from "../core/version.ts";
import type { ListedObject, ObjectStore } from "../ports/object-store.ts";
import type { Io } from "./io.ts";

/** A conflict in the bucket: a record of what gave way, or a version that must not become the graph. */
export type ListedConflict = {
  readonly name: string;
  readonly kind: "record" | "quarantine";
  /** Who met the other: pod or host, and a random part. */
  readonly writer: string;
  /** Bytes, the whole documents beside a record included. */
  readonly size: number;
  /** By the store's clock: Unix milliseconds. */
  readonly modified: number;
  readonly etag: ETag;
  /** A person has settled it, and it has not been written again since. */
  readonly resolved: boolean;
};

type Listing = Pick<Io, "sha256" | "document"> & { readonly store: Pick<ObjectStore, "list"> };

/** By an ETag of the conflict: a quarantine that is written again is open again. */
export const resolvedMark = ({ sha256 }: Pick<Io, "sha256">, etag: ETag): string =>
  shortDigest(sha256(new TextEncoder().encode(etag)));

/** Newest first. Rejects as the store does. */
export const listConflicts = async (io: Listing, signal: AbortSignal): Promise<readonly ListedConflict[]> => {
  const heads: (ListedObject & Pick<ListedConflict, "kind" | "writer">)[] = [];
  const sizes = new Map<string, number>();
  const marks = new Set<string>();
  const { conflicts: prefix } = io.document;
  for await (const object of io.store.list(prefix, signal)) {
    const found = parseConflictName(object.name.slice(prefix.length));
    if (found === undefined) continue;
    if (found.kind === "resolved") {
      marks.add(`${found.name} ${found.mark}`);
      continue;
    }
    sizes.set(found.name, (sizes.get(found.name) ?? 0) + object.size);
    if (found.kind === "record" || found.kind === "quarantine")
      heads.push({ ...object, name: found.name, kind: found.kind, writer: found.writer });
  }
  return heads
    .map((head) => ({
      ...head,
      size: sizes.get(head.name) ?? head.size,
      resolved: marks.has(`${head.name} ${resolvedMark(io, head.etag)}`),
    }))
    .sort((a, b) => b.modified - a.modified);
};
