import { castagnoli } from "./castagnoli.ts";
import { emptyAnswer, type GcsAnswer, jsonAnswer, jsonError, resourceOf } from "./gcs-answer.ts";
import type { GcsRequest } from "./gcs-request.ts";
import { type GcsSession, type GcsState, holds, storeInGcs } from "./gcs-state.ts";

const conditionNotMet = (): GcsAnswer =>
  jsonError(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");

type Resource = {
  readonly name: string;
  readonly metadata?: Record<string, string>;
  readonly contentType?: string;
  readonly crc32c?: string;
};

const resource = (text: string): Resource => JSON.parse(text);

/** The two parts of a `multipart/related` body (RFC 2387), by their boundary; throws when it is malformed. */
const partsOf = ({ headers, body }: GcsRequest): readonly [string, Buffer] => {
  const boundary = /^multipart\/related; boundary="?([^"]+)"?$/.exec(headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) throw new Error("no boundary");
  const mark = Buffer.from(`--${boundary}\r\n`);
  const middle = Buffer.from(`\r\n--${boundary}\r\n`);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const second = body.indexOf(middle);
  if (body.indexOf(mark) !== 0 || second < 0 || !body.subarray(-tail.length).equals(tail)) throw new Error("malformed");
  const content = (part: Buffer): Buffer => part.subarray(part.indexOf("\r\n\r\n") + 4);
  return [
    content(body.subarray(mark.length, second)).toString(),
    content(body.subarray(second + middle.length, body.length - tail.length)),
  ];
};

/** Everything in one request. */
export const answerPut = (state: GcsState, request: GcsRequest): GcsAnswer => {
  const [json, body] = partsOf(request);
  const { name, metadata = {}, contentType, crc32c } = resource(json);
  const sum = castagnoli(body);
  if (crc32c !== undefined && crc32c !== sum) {
    return jsonError(400, "invalid", `Provided CRC32C "${crc32c}" doesn't match calculated CRC32C "${sum}".`);
  }
  if (!holds(state, name, request.query.get("ifGenerationMatch"))) return conditionNotMet();
  return jsonAnswer(resourceOf(name, storeInGcs(state, name, body, metadata, contentType), sum));
};

export const answerOpenSession = (state: GcsState, request: GcsRequest, origin: string): GcsAnswer => {
  const { name, metadata = {}, contentType = "" } = resource(request.body.toString());
  const condition = request.query.get("ifGenerationMatch");
  if (!holds(state, name, condition)) return conditionNotMet();
  const id = `session-${state.sessions.size + 1}`;
  state.sessions.set(id, { key: name, condition, metadata, contentType, body: Buffer.alloc(0), done: undefined });
  const location = `${origin}/upload/storage/v1/b/${request.bucket}/o?uploadType=resumable&upload_id=${id}`;
  return emptyAnswer(200, { location });
};

const incomplete = ({ body }: GcsSession): GcsAnswer =>
  emptyAnswer(308, body.length === 0 ? {} : { range: `bytes=0-${body.length - 1}` });

const finish = (state: GcsState, session: GcsSession, hash: string | undefined): GcsAnswer => {
  const sum = castagnoli(session.body);
  if (hash !== undefined && hash !== `crc32c=${sum}`)
    return jsonError(400, "invalid", "Provided CRC32C doesn't match.");
  if (!holds(state, session.key, session.condition)) return conditionNotMet();
  session.done = storeInGcs(state, session.key, session.body, session.metadata, session.contentType);
  return jsonAnswer(resourceOf(session.key, session.done, sum));
};

/** A part, or the question how far the session is. `keep`: how many bytes of the part are kept, all by default. */
export const answerPart = (state: GcsState, request: GcsRequest, keep?: number): GcsAnswer => {
  const session = state.sessions.get(request.query.get("upload_id") ?? "");
  const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(request.headers["content-range"] ?? "");
  if (session === undefined) return jsonError(410, "gone", "no such session");
  if (range === null) return jsonError(400, "invalid", "no range");
  if (session.done !== undefined)
    return jsonAnswer(resourceOf(session.key, session.done, castagnoli(session.done.body)));
  const [, from, to, size] = range;
  if (from !== undefined) {
    const last = Number(to) + 1 === Number(size);
    if (Number(from) !== session.body.length || Number(to) + 1 - Number(from) !== request.body.length) {
      return jsonError(503, "backendError", `at ${session.body.length}, not ${from}`);
    }
    if (!last && request.body.length % (256 * 1024) !== 0)
      return jsonError(400, "invalid", "not a multiple of 256 KiB");
    session.body = Buffer.concat([session.body, request.body.subarray(0, keep ?? request.body.length)]);
  }
  return session.body.length === Number(size)
    ? finish(state, session, request.headers["x-goog-hash"])
    : incomplete(session);
};
