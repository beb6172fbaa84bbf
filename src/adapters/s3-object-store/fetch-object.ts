import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta, Target } from "../../ports/object-store.ts";
import { fetchRanges, type RangeAnswer } from "../transfer/fetch-ranges.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { type ETagForm, etagFromServer, etagToServer } from "./etag-form.ts";
import { headObject, isAbsentKey } from "./head-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Failure } from "./s3-failure.ts";
import { isTransient } from "./to-bucket-error.ts";

type Version = Pick<ObjectMeta, "etag" | "size">;
type Fetch = {
  readonly bucket: S3Bucket;
  readonly key: Key;
  readonly version: Version;
  form: ETagForm;
};

const changed: RangeAnswer = { kind: "changed" };
const cutShort = (): RangeAnswer => ({ kind: "again", cause: new Error("the answer was cut short") });

/** One answer. Rejects with what the SDK throws. */
const send = async (fetch: Fetch, offset: number, end: number, signal: AbortSignal): Promise<RangeAnswer> => {
  const { bucket, key, version } = fetch;
  const command = new GetObjectCommand({
    Bucket: bucket.bucket,
    Key: bucket.fullKey(key),
    Range: `bytes=${offset}-${end - 1}`,
    IfMatch: etagToServer(version.etag, fetch.form),
  });
  const answer = await bucket.send((client) => client.send(command, { abortSignal: signal }), signal);
  const { Body: stream, ContentRange: range, ETag: etag } = answer;
  if (!(stream instanceof Readable)) return cutShort();
  const isOther = etagFromServer(etag) !== version.etag || !range?.endsWith(`/${version.size}`);
  if (!isOther && range === `bytes ${offset}-${end - 1}/${version.size}`) return { kind: "bytes", stream };
  withoutBody(stream);
  return isOther ? changed : cutShort();
};

/** A 412 may also mean that this server compares ETags in their other form (RFC 9110 §8.8.3 says quoted; some do not). */
const isChange = async (fetch: Fetch, tried: ETagForm, signal: AbortSignal): Promise<boolean> => {
  const { bucket, key, version } = fetch;
  if ((await headObject(bucket, key, signal))?.etag !== version.etag) return true;
  if (fetch.form === tried) fetch.form = tried === "quoted" ? "bare" : "quoted";
  return false;
};

const ask = async (fetch: Fetch, offset: number, end: number, signal: AbortSignal): Promise<RangeAnswer> => {
  const { form } = fetch;
  try {
    return await send(fetch, offset, end, signal);
  } catch (thrown) {
    if (isAbsentKey(thrown)) return changed;
    const failure = s3Failure(thrown);
    const { status } = failure;
    if (status === 416 || (status === 412 && (await isChange(fetch, form, signal)))) return changed;
    if (signal.aborted || (status !== 412 && !isTransient(failure))) throw thrown;
    return { kind: "again", cause: thrown };
  }
};

/** One version by ranges, each with the version's ETag in `If-Match`: two versions are never mixed. */
export const fetchObject = async (
  bucket: S3Bucket,
  key: Key,
  version: Version,
  target: Target,
  signal: AbortSignal,
): Promise<"whole" | "changed"> => {
  const { clock, random } = bucket;
  const fetch: Fetch = { bucket, key, version, form: bucket.etags.form() };
  const asking = (offset: number, end: number, either: AbortSignal) => ask(fetch, offset, end, either);
  try {
    return await fetchRanges({ size: version.size, target, clock, random, ask: asking }, signal);
  } catch (thrown) {
    throw bucket.error(thrown, `get "${key}"`);
  }
};
