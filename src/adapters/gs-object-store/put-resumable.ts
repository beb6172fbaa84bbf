import { KgsyncError } from "../../core/errors.ts";
import type { Key } from "../../core/key.ts";
import type { PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import type { PositionedBody } from "../transfer/read-body.ts";
import { crc32c, crc32cText } from "./crc32c.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { type GsReply, headerOf } from "./gs-reply.ts";
import { conditionOf, putOutcome } from "./put-outcome.ts";
import { readPart } from "./read-part.ts";
import { isTransient } from "./to-bucket-error.ts";

/** A multiple of 256 KiB, as all parts but the last must be. */
const PART = 8 * 1024 * 1024;
/** How many requests in a row may get an upload no further before it is given up: it is tried again as a whole, from the start. */
const FAILURES = 6;

const RESUME_INCOMPLETE = 308;

const openSession = async (
  bucket: GsBucket,
  key: Key,
  size: number,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<GsReply> => {
  const name = bucket.fullKey(key);
  return await bucket.send(
    {
      method: "POST",
      path: `${bucket.uploads}?uploadType=resumable&fields=generation&name=${encodeURIComponent(name)}${conditionOf(mode)}`,
      headers: {
        "content-type": "application/json; charset=UTF-8",
        "x-upload-content-type": contentType,
        "x-upload-content-length": String(size),
      },
      body: [Buffer.from(JSON.stringify({ name, contentType, metadata }))],
    },
    signal,
  );
};

/** The session's path, on the server that we talk to: behind a private endpoint its URL may name Google's public one. */
const sessionOf = (reply: GsReply): string | undefined => {
  const location = headerOf(reply, "location");
  if (reply.status !== 200 || location === undefined || !URL.canParse(location)) return undefined;
  const { pathname, search } = new URL(location);
  return pathname + search;
};

/** How many bytes the server has, as its 308 says: `Range: bytes=0-N`, or no such header for none. */
const held = (reply: GsReply): number => {
  const last = /^bytes=0-(\d+)$/.exec(headerOf(reply, "range") ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
};

/** The session has ended otherwise, or what it holds does not fit the sum: asking would not help, and might complete it. */
const hasEnded = (reply: GsReply): boolean =>
  reply.status === 404 || reply.status === 410 || (reply.status === 400 && isTransient(reply));

/** The sum of the body, also when some of it is sent twice; the server compares it with what it has (`X-Goog-Hash`). */
const createSums = () => {
  let sum = 0;
  let summed = 0;
  return {
    add: (part: Uint8Array, offset: number): void => {
      sum = crc32c(part.subarray(Math.max(0, summed - offset)), sum);
      summed = Math.max(summed, offset + part.byteLength);
    },
    header: () => ({ "x-goog-hash": `crc32c=${crc32cText(sum)}` }),
  };
};

/** The state of one upload. `next` sends the next part, or, after a lost answer, asks how far the server is. */
const createUpload = (bucket: GsBucket, session: string, body: PositionedBody, signal: AbortSignal) => {
  const { size } = body;
  const sums = createSums();
  let offset = 0;
  let known = true;
  let whole = false;
  const ask = (range: string, part: Uint8Array, hash: Readonly<Record<string, string>> = {}): Promise<GsReply> =>
    bucket.send(
      { method: "PUT", path: session, headers: { "content-range": `bytes ${range}/${size}`, ...hash }, body: [part] },
      signal,
    );
  const sendPart = async (): Promise<GsReply> => {
    const end = Math.min(offset + PART, size);
    const part = await readPart(body, offset, end - offset, signal);
    sums.add(part, offset);
    const range = end === offset ? "*" : `${offset}-${end - 1}`;
    const reply = await ask(range, part, end === size ? sums.header() : {});
    whole ||= end === size && reply.sent;
    return reply;
  };
  return {
    /** Whether the last part may have come: without it the others are nothing. */
    whole: () => whole,
    next: async (): Promise<{ readonly reply: GsReply; readonly advanced: boolean }> => {
      const reply = known ? await sendPart() : await ask("*", new Uint8Array(0));
      known = reply.status === RESUME_INCOMPLETE;
      const before = offset;
      if (known) offset = Math.min(held(reply), size);
      return { reply, advanced: offset > before };
    },
  };
};

/**
 * Uploads in parts of one session, in bounded memory; the object appears with the last of them, whole, if the condition
 * that the session began with still holds. When an answer is lost the server is asked how far it is, and the upload goes on
 * there (docs.cloud.google.com/storage/docs/performing-resumable-uploads). A session that is left expires after a week.
 */
export const putResumable = async (
  bucket: GsBucket,
  key: Key,
  body: PositionedBody,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  const action = `put "${key}"`;
  const opened = await openSession(bucket, key, body.size, mode, options, signal);
  const session = sessionOf(opened);
  if (session === undefined) {
    if (isTransient(opened) || opened.status === 200) throw bucket.error(opened, action); // no session, no object
    return await putOutcome(bucket, opened, mode, action, signal);
  }
  const upload = createUpload(bucket, session, body, signal);
  const stopped = (thrown: unknown): PutOutcome => {
    if (!upload.whole()) throw thrown;
    return { outcome: "unknown", cause: thrown };
  };
  let last = opened;
  for (let failures = 0; failures < FAILURES && !signal.aborted; ) {
    const step = await upload.next().catch(stopped);
    if ("outcome" in step) return step;
    const { reply, advanced } = step;
    last = reply;
    failures = advanced ? 0 : failures + 1;
    if (hasEnded(reply)) break;
    if (reply.status !== RESUME_INCOMPLETE && !isTransient(reply))
      return await putOutcome(bucket, reply, mode, action, signal);
  }
  const { bucket: name, server } = bucket.names;
  const message = `bucket "${name}" at ${server}: cannot ${action}: the upload did not come to its end`;
  return stopped(new KgsyncError("bucket-unavailable", message, { cause: bucket.error(last, action) }));
};
