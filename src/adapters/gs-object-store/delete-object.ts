import type { Key } from "../../core/key.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { isAbsentObject } from "./is-absent-object.ts";

/** Deleting what is absent is no error. */
export const deleteObject = async (bucket: GsBucket, key: Key, signal: AbortSignal): Promise<void> => {
  const path = `${bucket.objects}/${encodeURIComponent(bucket.fullKey(key))}`;
  const reply = await bucket.send({ method: "DELETE", path }, signal);
  if (reply.status === 204 || reply.status === 200) return;
  if (!(await isAbsentObject(bucket, reply, signal))) throw bucket.error(reply, `delete "${key}"`);
};
