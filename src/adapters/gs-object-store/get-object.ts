import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { LargeObject, StoredObject } from "../../ports/object-store.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { crc32c, crc32cText } from "./crc32c.ts";
import { etagOf } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { AS_STORED, type GsReply, type GsRequest, headerOf } from "./gs-reply.ts";
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

const NUMBER = /^\d+$/;
/** As the answer announces it; `undefined`: it does not. */
const lengthOf = (reply: Pick<GsReply, "headers">): number | undefined => {
  const text = reply.headers["content-length"];
  return typeof text === "string" && NUMBER.test(text) ? Number(text) : undefined;
};

/**
 * By the XML API: of one version, in one request, it gives the bytes, the generation and the metadata; the JSON API leaves
 * the metadata out where it sends bytes. `gzip` is accepted so that what was stored compressed comes as it is stored, and
 * its sum fits. Of more than `limit` bytes none are read.
 */
export const peekObject = async (
  bucket: GsBucket,
  key: Key,
  limit: number,
  signal: AbortSignal,
): Promise<StoredObject | LargeObject | undefined> => {
  const action = `get "${key}"`;
  const leaves: GsRequest["leaves"] = (answer) => answer.status === 200 && (lengthOf(answer) ?? 0) > limit;
  const reply = await bucket.send({ method: "GET", path: bucket.pathOf(key), headers: AS_STORED, leaves }, signal);
  if (reply.stream !== undefined) withoutBody(reply.stream);
  if (reply.status !== 200) {
    if (await isAbsentObject(bucket, reply, signal)) return undefined;
    throw bucket.error(reply, action);
  }
  const etag = etagOf(headerOf(reply, "x-goog-generation"));
  if (etag === undefined) throw spoilt(bucket, action, "the answer names no generation");
  if (reply.stream !== undefined) return { etag, size: lengthOf(reply) ?? 0, metadata: metadataOf(reply) };
  const sum = /crc32c=([\w+/]+=*)/.exec(headerOf(reply, "x-goog-hash") ?? "")?.[1];
  if (sum !== undefined && sum !== crc32cText(crc32c(reply.body)))
    throw spoilt(bucket, action, "the bytes do not fit their checksum");
  // A plain array, as the port says; a Buffer is one too, but not to everybody who compares.
  const body = new Uint8Array(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength);
  return { body, etag, size: body.byteLength, metadata: metadataOf(reply) };
};
