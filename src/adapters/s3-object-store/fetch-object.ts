import { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { backoffMs } from "../../core/backoff.ts";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta, Target } from "../../ports/object-store.ts";
import { type ETagForm, etagFromServer, etagToServer } from "./etag-form.ts";
import { headObject, isAbsentKey } from "./head-object.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Failure } from "./s3-failure.ts";
import { isTransient } from "./to-bucket-error.ts";

const MIB = 1024 * 1024;
const RANGE = 16 * MIB;
const RANGES_AT_ONCE = 4;
/** Bytes that are written at a time: what a socket gives is a sixteenth of it. */
const PIECE = MIB;
/** Of one range, in a row, none of which brought anything. */
const ATTEMPTS = 4;

type Version = Pick<ObjectMeta, "etag" | "size">;
type Fetch = {
  readonly bucket: S3Bucket;
  readonly key: Key;
  readonly version: Version;
  readonly target: Target;
  readonly signal: AbortSignal;
  form: ETagForm;
};

const CHANGED = Symbol("another version");

/** What comes of a stream until it ends or breaks: in both cases what came before counts. */
const chunksOf = async function* (stream: Readable): AsyncGenerator<Uint8Array> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const chunk = await chunks.next().catch(() => undefined);
      if (chunk === undefined || chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    stream.destroy();
  }
};

/** The answer's bytes to the target from `offset` on; answers where they ended. The room is used again for each piece. */
const pour = async (
  stream: Readable,
  room: Uint8Array,
  offset: number,
  end: number,
  target: Target,
): Promise<number> => {
  let at = offset;
  let filled = 0;
  for await (const chunk of chunksOf(stream)) {
    if (at + filled + chunk.length > end) break; // more than was asked for: not an answer to this
    for (let done = 0; done < chunk.length; ) {
      const part = chunk.subarray(done, done + room.length - filled);
      room.set(part, filled);
      filled += part.length;
      done += part.length;
      if (filled < room.length) continue;
      await target(at, room);
      at += filled;
      filled = 0;
    }
  }
  if (filled > 0) await target(at, room.subarray(0, filled));
  return at + filled;
};

/** One answer: where its bytes ended. Rejects with what the SDK throws, or with CHANGED. */
const ask = async (fetch: Fetch, room: Uint8Array, offset: number, end: number): Promise<number> => {
  const { bucket, key, version, target, signal } = fetch;
  const command = new GetObjectCommand({
    Bucket: bucket.bucket,
    Key: bucket.fullKey(key),
    Range: `bytes=${offset}-${end - 1}`,
    IfMatch: etagToServer(version.etag, fetch.form),
  });
  const answer = await bucket.send((client) => client.send(command, { abortSignal: signal }), signal);
  const { Body: stream, ContentRange: range, ETag: etag } = answer;
  if (!(stream instanceof Readable)) return offset;
  const isOther = etagFromServer(etag) !== version.etag || !range?.endsWith(`/${version.size}`);
  if (isOther || range !== `bytes ${offset}-${end - 1}/${version.size}`) {
    stream.on("error", () => undefined).destroy();
    if (isOther) throw CHANGED;
    return offset;
  }
  return await pour(stream, room, offset, end, target);
};

/** A 412 may also mean that this server compares ETags in their other form (RFC 9110 §8.8.3 says quoted; some do not). */
const isChange = async (fetch: Fetch, tried: ETagForm): Promise<boolean> => {
  const { bucket, key, version, signal } = fetch;
  if ((await headObject(bucket, key, signal))?.etag !== version.etag) return true;
  if (fetch.form === tried) fetch.form = tried === "quoted" ? "bare" : "quoted";
  return false;
};

/** Why an answer did not come, if the same may be asked again. Rejects with CHANGED when it is another version's. */
const mayAskAgain = async (fetch: Fetch, tried: ETagForm, thrown: unknown): Promise<unknown> => {
  if (thrown === CHANGED || isAbsentKey(thrown)) throw CHANGED;
  const failure = s3Failure(thrown);
  const { status } = failure;
  if (status === 416 || (status === 412 && (await isChange(fetch, tried)))) throw CHANGED;
  if (fetch.signal.aborted || (status !== 412 && !isTransient(failure))) throw thrown;
  return thrown;
};

/** One range, whole: what broke in the middle goes on from there. */
const bringRange = async (fetch: Fetch, room: Uint8Array, start: number, end: number): Promise<void> => {
  const { bucket, signal } = fetch;
  let last: unknown = new Error("the answer was cut short");
  for (let [at, failed] = [start, 0]; at < end; ) {
    const { form } = fetch;
    const before = at;
    try {
      at = await ask(fetch, room, at, end);
    } catch (thrown) {
      last = await mayAskAgain(fetch, form, thrown);
    }
    if (at >= end) return;
    failed = at > before ? 0 : failed + 1;
    if (failed >= ATTEMPTS) throw last;
    await bucket.clock.sleep(backoffMs(failed, bucket.random.fraction()), signal);
    signal.throwIfAborted();
  }
};

/**
 * One version by ranges, some at once, each with the version's ETag in `If-Match`: two versions are never mixed. A range that
 * breaks goes on from where it broke. Memory: a piece for each request at once.
 */
export const fetchObject = async (
  bucket: S3Bucket,
  key: Key,
  version: Version,
  target: Target,
  signal: AbortSignal,
): Promise<"whole" | "changed"> => {
  const failed = new AbortController();
  const fetch: Fetch = {
    bucket,
    key,
    version,
    target,
    form: bucket.etags.form(),
    signal: AbortSignal.any([signal, failed.signal]),
  };
  let next = 0;
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    const room = Buffer.allocUnsafeSlow(PIECE);
    while (next < version.size && failures.length === 0) {
      const start = next;
      next = Math.min(version.size, start + RANGE);
      await bringRange(fetch, room, start, next);
    }
  };
  const lanes = Array.from({ length: RANGES_AT_ONCE }, () =>
    lane().catch((thrown: unknown) => {
      failures.push(thrown);
      failed.abort();
    }),
  );
  await Promise.all(lanes);
  if (failures.length === 0) return "whole";
  if (failures[0] === CHANGED) return "changed";
  throw bucket.error(failures[0], `get "${key}"`);
};
