import { emptyAnswer, errorAnswer, type S3Answer } from "./s3-answer.ts";
import type { S3Request } from "./s3-request.ts";
import type { S3State, StoredInDouble } from "./s3-state.ts";

/** `x-amz-meta-*` of a request. */
export const metadataOf = ({ headers }: S3Request): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("x-amz-meta-"))
      .map(([name, value]) => [name.slice("x-amz-meta-".length), value]),
  );

const headersOf = (stored: StoredInDouble): Record<string, string> => ({
  etag: stored.etag,
  "content-type": stored.contentType,
  "last-modified": stored.modified.toUTCString(),
  "accept-ranges": "bytes",
  ...Object.fromEntries(Object.entries(stored.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
});

const ranged = (stored: StoredInDouble, range: string): S3Answer | undefined => {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range);
  if (asked === null) return undefined;
  const first = Number(asked[1]);
  const last = Math.min(asked[2] === "" ? Number.POSITIVE_INFINITY : Number(asked[2]), stored.body.length - 1);
  if (first >= stored.body.length) return errorAnswer(416, "InvalidRange");
  const headers = { ...headersOf(stored), "content-range": `bytes ${first}-${last}/${stored.body.length}` };
  return { status: 206, headers, body: stored.body.subarray(first, last + 1) };
};

/** GET and HEAD of an object, with `Range`, `If-Match` and `If-None-Match`. */
export const answerObject = (state: S3State, request: S3Request): S3Answer => {
  const stored = state.objects.get(request.key);
  if (stored === undefined) return errorAnswer(404, "NoSuchKey");
  const match = request.headers["if-match"];
  const noneMatch = request.headers["if-none-match"];
  if (match !== undefined && match.replaceAll('"', "") !== stored.etag.replaceAll('"', "")) {
    return errorAnswer(412, "PreconditionFailed");
  }
  if (noneMatch === stored.etag) return emptyAnswer(304, { etag: stored.etag });
  const range = request.headers["range"];
  const part = range === undefined ? undefined : ranged(stored, range);
  return part ?? { status: 200, headers: headersOf(stored), body: stored.body };
};
