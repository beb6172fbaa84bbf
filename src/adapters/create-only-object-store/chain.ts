import type { Key } from "../../core/key.ts";
import type { Digest, ETag } from "../../core/version.ts";
import type { Metadata, ObjectMeta, ObjectStore, StoredObject } from "../../ports/object-store.ts";
import { parseVersionMark, type VersionMark, withoutMarks } from "./chain-mark.ts";
import { chainFolder, chainName, parseChainName } from "./chain-name.ts";

/** One key and its versions. `mirrored`: the newest is also kept under the key itself, for people and their tools. */
export type Chain = {
  readonly inner: ObjectStore;
  readonly key: Key;
  readonly mirrored: boolean;
  readonly newId: () => string;
  readonly sha256: (bytes: Uint8Array) => Digest;
  readonly memory: ChainMemory;
};

/** What need not be asked again. */
export type ChainMemory = {
  /** The chain's id. */
  id: string | undefined;
  /** The digest of the plain object that has this etag. */
  plain: { readonly etag: ETag; readonly size: number; readonly digest: Digest } | undefined;
  /** The version whose mirror was last found missing or old, and put right. */
  repaired: number;
};

/** `number`s are newest first. */
export type ChainRow = { readonly number: number; readonly size: number };

/** Metadata without our marks. `body`: if it was asked for. */
export type Content = {
  readonly size: number;
  readonly metadata: Metadata;
  readonly body: Uint8Array | undefined;
};

export type Version = { readonly mark: VersionMark; readonly content: Content };

/** All versions that are there. Does not count on the order in which the store lists. */
export const listChain = async ({ inner, key }: Chain, signal: AbortSignal): Promise<readonly ChainRow[]> => {
  const rows: ChainRow[] = [];
  for await (const { name, size } of inner.list(chainFolder(key), signal)) {
    const parsed = parseChainName(name);
    if (parsed?.of === key) rows.push({ number: parsed.number, size });
  }
  return rows.sort((a, b) => b.number - a.number);
};

/** An object of either request, as content. */
export const contentOf = (object: ObjectMeta | StoredObject): Content => ({
  size: object.size,
  metadata: withoutMarks(object.metadata),
  body: "body" in object ? object.body : undefined,
});

/** One version; `undefined` when it is not there (any more). */
export const readVersion = async (
  { inner, key }: Chain,
  number: number,
  withBody: boolean,
  signal: AbortSignal,
): Promise<Version | undefined> => {
  const name = chainName(key, number);
  const object = withBody ? await inner.get(name, signal) : await inner.head(name, signal);
  if (object === undefined) return undefined;
  return { mark: parseVersionMark(object.metadata, name), content: contentOf(object) };
};
