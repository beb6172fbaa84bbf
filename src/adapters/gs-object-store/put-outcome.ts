import { KgsyncError } from "../../core/errors.ts";
import type { PutMode, PutOutcome } from "../../ports/object-store.ts";
import { etagOf } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { type GsReply, jsonOf } from "./gs-reply.ts";
import { isAbsentObject } from "./is-absent-object.ts";
import { isTransient } from "./to-bucket-error.ts";

/** `&ifGenerationMatch=…` of a put's mode; generation 0 means that there must be none. */
export const conditionOf = (mode: PutMode): string => {
  if (mode.mode === "overwrite") return "";
  return `&ifGenerationMatch=${mode.mode === "create" ? "0" : mode.etag}`;
};

const refusesConditions = ({ status }: GsReply): boolean => status === 501 || status === 405;

/** No answer that can be relied on. 409: another request was at the same object; which of them counts is not said. */
const isUnknown = (reply: GsReply): boolean => isTransient(reply) || reply.status === 409;

/**
 * What the last answer of an upload means.
 *
 * | answer | create | update | overwrite |
 * |---|---|---|---|
 * | 200 with a generation | stored | stored | stored |
 * | 200 without, or cut short | unknown | unknown | unknown |
 * | 412 | conflict | conflict | rejects |
 * | 404 (not of the bucket) | rejects | conflict: the object is gone | rejects |
 * | 501, 405 | rejects store-unsafe | rejects store-unsafe | rejects |
 * | none, 408, 409, 429, 5xx | unknown | unknown | unknown |
 * | never connected, any other | rejects | rejects | rejects |
 *
 * @throws KgsyncError when it is sure that nothing was written.
 */
export const putOutcome = async (
  bucket: GsBucket,
  reply: GsReply,
  mode: PutMode,
  action: string,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  if (reply.status === 200 || reply.status === 201) {
    const etag = etagOf(jsonOf(reply)["generation"]);
    return etag === undefined
      ? { outcome: "unknown", cause: new Error("stored, but the answer names no generation") }
      : { outcome: "stored", etag };
  }
  const error = bucket.error(reply, action);
  if (!reply.sent) throw error;
  if (mode.mode !== "overwrite" && reply.status === 412) return { outcome: "conflict" };
  if (mode.mode === "update" && (await isAbsentObject(bucket, reply, signal))) return { outcome: "conflict" };
  if (mode.mode !== "overwrite" && refusesConditions(reply)) {
    const { bucket: name, server } = bucket.names;
    const message = `bucket "${name}" at ${server} refuses conditional writes (${reply.status})`;
    throw new KgsyncError("store-unsafe", message, { cause: error });
  }
  if (isUnknown(reply)) return { outcome: "unknown", cause: error };
  throw error;
};
