import { KgsyncError } from "../core/errors.ts";
import type { Key } from "../core/key.ts";
import type { ObjectMeta, ObjectStore } from "../ports/object-store.ts";
import { MIRROR_NAME } from "./create-only-object-store/chain-mark.ts";

/**
 * Refuses a bucket whose updates are kept as numbered versions: each of `updated` is but a mirror there, and a put of it would be taken
 * for somebody's upload over what others have saved. It is seen when the object is read, which comes before every put of it.
 */
export const createAutoModeObjectStore = (inner: ObjectStore, updated: ReadonlySet<string>): ObjectStore => {
  const checked = <T extends ObjectMeta>(key: Key, object: T | undefined): T | undefined => {
    if (!updated.has(key) || object?.metadata[MIRROR_NAME] === undefined) return object;
    throw new KgsyncError("config-invalid", `${inner.name} is in use with KGSYNC_S3_CONDITIONS=create-only`, {
      hint: "Set KGSYNC_S3_CONDITIONS=create-only here too; docs/s3-compatible.md says how to go back to auto.",
    });
  };
  return {
    ...inner,
    get: async (key, signal) => checked(key, await inner.get(key, signal)),
    peek: async (key, limit, signal) => checked(key, await inner.peek(key, limit, signal)),
    head: async (key, signal) => checked(key, await inner.head(key, signal)),
  };
};
