import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { StoredObject } from "../../ports/object-store.ts";
import { crc32c, crc32cText } from "./crc32c.ts";
import { etagOf } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { type GsReply, headerOf } from "./gs-reply.ts";
import { isAbsentObject } from "./is-absent-object.ts";

const META = "x-goog-meta-";

const metadataOf = (reply: GsReply): Record<string, string> =>
  Object.fromEntries(
    Object.keys(reply.headers).flatMap((name) => {
      const value = name.startsWith(META) ? headerOf(reply, name) : undefined;
      return value === undefined ? [] : [[name.slice(META.length), value] as const];
    }),
  );

const spoilt = (bucket: GsBucket, action: string, what: string): KgsyncError =>
  new KgsyncError(
    "bucket-unavailable",
    `bucket "${bucket.names.bucket}" at ${bucket.names.server}: cannot ${action}: ${what}`,
  );

/**
 * By the XML API: of one version, in one request, it gives the bytes, the generation and the metadata; the JSON API leaves
 * the metadata out where it sends bytes. `gzip` is accepted so that what was stored compressed comes as it is stored, and
 * its sum fits.
 */
export const getObject = async (bucket: GsBucket, key: Key, signal: AbortSignal): Promise<StoredObject | undefined> => {
  const action = `get "${key}"`;
  const name = bucket.fullKey(key).split("/").map(encodeURIComponent).join("/");
  const path = `/${encodeURIComponent(bucket.names.bucket)}/${name}`;
  const reply = await bucket.send({ method: "GET", path, headers: { "accept-encoding": "gzip" } }, signal);
  if (reply.status !== 200) {
    if (await isAbsentObject(bucket, reply, signal)) return undefined;
    throw bucket.error(reply, action);
  }
  const etag = etagOf(headerOf(reply, "x-goog-generation"));
  if (etag === undefined) throw spoilt(bucket, action, "the answer names no generation");
  const sum = /crc32c=([\w+/]+=*)/.exec(headerOf(reply, "x-goog-hash") ?? "")?.[1];
  if (sum !== undefined && sum !== crc32cText(crc32c(reply.body)))
    throw spoilt(bucket, action, "the bytes do not fit their checksum");
  // A plain array, as the port says; a Buffer is one too, but not to everybody who compares.
  const body = new Uint8Array(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength);
  return { body, etag, size: body.byteLength, metadata: metadataOf(reply) };
};
