import type { Digest, ETag } from "../../core/version.ts";
import type { ObjectMeta, StoredObject } from "../../ports/object-store.ts";
import { type Chain, type Content, contentOf } from "./chain.ts";
import { type MirrorMark, parseMirrorMark } from "./chain-mark.ts";

/** What lies under the key itself. Without a `mark` that fits its bytes somebody else put it there. */
export type Plain = {
  readonly etag: ETag;
  readonly digest: Digest;
  readonly mark: MirrorMark | undefined;
  readonly content: Content;
};

const plainOf = (object: ObjectMeta | StoredObject, digest: Digest): Plain => {
  const mark = parseMirrorMark(object.metadata);
  return { etag: object.etag, digest, mark: mark?.digest === digest ? mark : undefined, content: contentOf(object) };
};

/** Without the body the object is read only when it is not the one that was read last: its mark alone proves nothing. */
export const lookAtPlain = async (chain: Chain, withBody: boolean, signal: AbortSignal): Promise<Plain | undefined> => {
  const { inner, key, memory } = chain;
  if (!withBody) {
    const head = await inner.head(key, signal);
    if (head === undefined) return undefined;
    const known = memory.plain;
    if (known?.etag === head.etag && known.size === head.size) return plainOf(head, known.digest);
  }
  const object = await inner.get(key, signal);
  if (object === undefined) return undefined;
  const digest = chain.sha256(object.body);
  memory.plain = { etag: object.etag, size: object.size, digest };
  return plainOf(object, digest);
};
