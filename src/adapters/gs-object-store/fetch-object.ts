import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta, Target } from "../../ports/object-store.ts";
import { fetchRanges, type RangeAnswer } from "../transfer/fetch-ranges.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { isGeneration } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { AS_STORED, type GsReply, headerOf } from "./gs-reply.ts";
import { isAbsentObject } from "./is-absent-object.ts";
import { isTransient } from "./to-bucket-error.ts";

type Version = Pick<ObjectMeta, "etag" | "size">;

const changed: RangeAnswer = { kind: "changed" };
const leaves = ({ status }: Pick<GsReply, "status">): boolean => status === 200 || status === 206;

/** What an answer with bytes is: those of this range and version, or of others. */
const bytesOf = (
  reply: GsReply,
  stream: NonNullable<GsReply["stream"]>,
  { etag, size }: Version,
  range: string,
): RangeAnswer => {
  const told = headerOf(reply, "content-range");
  const isOther = headerOf(reply, "x-goog-generation") !== etag || told?.endsWith(`/${size}`) === false;
  if (!isOther && told === `bytes ${range}/${size}`) return { kind: "bytes", stream };
  withoutBody(stream);
  return isOther ? changed : { kind: "again", cause: new Error("the answer is not the range that was asked for") };
};

/**
 * One version by ranges of the XML API, each on the condition that the object still has its generation: with the parameter
 * `generation` a bucket that keeps old versions would go on with one that is replaced. A range has no checksum.
 */
export const fetchObject = async (
  bucket: GsBucket,
  key: Key,
  version: Version,
  target: Target,
  signal: AbortSignal,
): Promise<"whole" | "changed"> => {
  const { clock, random } = bucket;
  const { etag, size } = version;
  if (!isGeneration(etag)) return "changed"; // another store's ETag: no object here has it
  const action = `get "${key}"`;
  const path = bucket.pathOf(key);
  const ask = async (offset: number, end: number, either: AbortSignal): Promise<RangeAnswer> => {
    const range = `${offset}-${end - 1}`;
    const headers = { ...AS_STORED, range: `bytes=${range}`, "x-goog-if-generation-match": etag };
    const reply = await bucket.send({ method: "GET", path, headers, leaves }, either);
    if (reply.stream !== undefined) return bytesOf(reply, reply.stream, version, range);
    if (reply.status === 412 || reply.status === 416) return changed;
    if (await isAbsentObject(bucket, reply, either)) return changed;
    const cause = bucket.error(reply, action);
    if (either.aborted || !isTransient(reply)) throw cause;
    return { kind: "again", cause };
  };
  try {
    return await fetchRanges({ size, target, clock, random, ask }, signal);
  } catch (thrown) {
    if (thrown instanceof KgsyncError) throw thrown;
    throw bucket.error({ status: undefined, headers: {}, body: new Uint8Array(0), sent: true, cause: thrown }, action);
  }
};
