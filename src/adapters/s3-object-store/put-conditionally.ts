import type { Key } from "../../core/key.ts";
import type { ETag } from "../../core/version.ts";
import type { Metadata, PutMode } from "../../ports/object-store.ts";
import { type ETagForm, etagFromServer, etagToServer } from "./etag-form.ts";
import { headObject } from "./head-object.ts";
import { type PutAttempt, putOutcome } from "./put-outcome.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** The request headers of a put's mode (RFC 9110 §13.1.1 and §13.1.2). */
export type Conditions = { readonly IfNoneMatch?: "*"; readonly IfMatch?: string };

/** A put that is ready to go, but for its conditions. `size` and `metadata` tell our object from another's afterwards. */
export type PreparedPut = {
  readonly key: Key;
  readonly mode: PutMode;
  readonly size: number;
  readonly metadata: Metadata;
  readonly send: (conditions: Conditions) => Promise<{ readonly ETag?: string | undefined }>;
};

const conditionsOf = (mode: PutMode, form: ETagForm): Conditions => {
  if (mode.mode === "create") return { IfNoneMatch: "*" };
  return mode.mode === "update" ? { IfMatch: etagToServer(mode.etag, form) } : {};
};

/**
 * Ceph 16 completes multipart uploads without naming an ETag. The object is asked for it, and believed only if it is
 * ours: the ETag of somebody else's later version, taken for ours, would let the next update overwrite that version.
 */
const askForETag = async (bucket: S3Bucket, put: PreparedPut, signal: AbortSignal): Promise<PutAttempt> => {
  try {
    const found = await headObject(bucket, put.key, signal);
    const ours = found?.size === put.size && Object.entries(put.metadata).every(([k, v]) => found.metadata[k] === v);
    if (found !== undefined && ours) return { outcome: "stored", etag: found.etag };
    return { outcome: "unknown", cause: new Error("stored, and replaced before its ETag could be read") };
  } catch (cause) {
    return { outcome: "unknown", cause };
  }
};

const sendOnce = async (
  bucket: S3Bucket,
  put: PreparedPut,
  form: ETagForm,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const stored = async (answer: ETag | undefined): Promise<PutAttempt> =>
    answer === undefined ? await askForETag(bucket, put, signal) : { outcome: "stored", etag: answer };
  try {
    const answer = await put.send(conditionsOf(put.mode, form));
    if (put.mode.mode === "update") bucket.etags.learn(form);
    return await stored(etagFromServer(answer.ETag));
  } catch (thrown) {
    return putOutcome(bucket, thrown, put.mode, `put "${put.key}"`);
  }
};

/**
 * Sends one conditional request, once. A 412 on an update is a definite no, but not always a conflict: when the key still
 * has just the expected ETag, the server compares ETags in the other form, and the put is sent once more in that form.
 *
 * @throws KgsyncError as `putOutcome` does.
 */
export const putConditionally = async (
  bucket: S3Bucket,
  put: PreparedPut,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const form = bucket.etags.form();
  const first = await sendOnce(bucket, put, form, signal);
  if (first.outcome !== "conflict" || put.mode.mode !== "update" || bucket.etags.proven()) return first;
  const current = await headObject(bucket, put.key, signal).catch(() => undefined);
  if (current?.etag !== put.mode.etag) return first;
  return await sendOnce(bucket, put, form === "quoted" ? "bare" : "quoted", signal);
};
