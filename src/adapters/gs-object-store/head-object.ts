import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta } from "../../ports/object-store.ts";
import { etagOf } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { fieldsOf, jsonOf } from "./gs-reply.ts";
import { isAbsentObject } from "./is-absent-object.ts";

const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsOf(value)).flatMap(([name, text]) =>
      typeof text === "string" ? [[name.toLowerCase(), text] as const] : [],
    ),
  );

/** What is known of an object without its bytes; `undefined` when it is absent. */
export const headObject = async (bucket: GsBucket, key: Key, signal: AbortSignal): Promise<ObjectMeta | undefined> => {
  const action = `head "${key}"`;
  const name = encodeURIComponent(bucket.fullKey(key));
  const path = `${bucket.objects}/${name}?fields=generation,size,metadata&projection=noAcl`;
  const reply = await bucket.send({ method: "GET", path }, signal);
  if (reply.status !== 200) {
    if (await isAbsentObject(bucket, reply, signal)) return undefined;
    throw bucket.error(reply, action);
  }
  const { generation, size, metadata } = jsonOf(reply);
  const etag = etagOf(generation);
  if (etag === undefined) {
    const message = `bucket "${bucket.names.bucket}" at ${bucket.names.server}: cannot ${action}: the answer names no generation`;
    throw new KgsyncError("bucket-unavailable", message);
  }
  return { etag, size: Number(size ?? 0), metadata: textsOf(metadata) };
};
