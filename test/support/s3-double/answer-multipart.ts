import { randomUUID } from "node:crypto";
import { metadataOf } from "./answer-object.ts";
import { emptyAnswer, errorAnswer, escapeXml, type S3Answer, xmlAnswer } from "./s3-answer.ts";
import type { ProfileRules } from "./s3-profile.ts";
import type { S3Request } from "./s3-request.ts";
import { etagOf, etagOfParts, type S3State, store } from "./s3-state.ts";

const SMALLEST_PART = 5 * 1024 * 1024; // of all parts but the last

const create = (state: S3State, request: S3Request): S3Answer => {
  const id = randomUUID();
  const { key } = request;
  const contentType = request.headers["content-type"] ?? "binary/octet-stream";
  state.uploads.set(id, {
    id,
    key,
    metadata: metadataOf(request),
    contentType,
    parts: new Map(),
    initiated: new Date(),
  });
  return xmlAnswer(
    `<InitiateMultipartUploadResult><Bucket>${request.bucket}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
  );
};

const complete = (
  state: S3State,
  request: S3Request,
  id: string,
  rules: ProfileRules,
  namesETag: boolean,
): S3Answer => {
  const upload = state.uploads.get(id);
  if (upload === undefined) return errorAnswer(404, "NoSuchUpload");
  const listed = [...request.body.toString().matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: /<ETag>(?:&quot;|")?(\w+)/.exec(part)?.[1],
  }));
  const parts = listed.map(({ number }) => upload.parts.get(number));
  const wrong = listed.some(({ number, etag }) => upload.parts.get(number)?.etag !== `"${etag}"`);
  if (parts.length === 0 || wrong) return errorAnswer(400, "InvalidPart");
  const ascending = listed.every(({ number }, at) => at === 0 || number > (listed[at - 1]?.number ?? 0));
  if (!ascending) return errorAnswer(400, "InvalidPartOrder");
  const bodies = parts.flatMap((part) => (part === undefined ? [] : [part.body]));
  if (bodies.slice(0, -1).some((body) => body.length < SMALLEST_PART)) return errorAnswer(400, "EntityTooSmall");
  const { metadata, contentType } = upload;
  const { etag } = store(state, request.key, Buffer.concat(bodies), {
    etag: etagOfParts(bodies),
    metadata,
    contentType,
  });
  state.uploads.delete(id);
  const named = namesETag && rules.completeNamesETag ? escapeXml(etag) : "";
  return xmlAnswer(
    `<CompleteMultipartUploadResult><Key>${escapeXml(request.key)}</Key><ETag>${named}</ETag></CompleteMultipartUploadResult>`,
  );
};

/** Create, UploadPart, Complete and Abort. Conditions were looked at before. */
export const answerMultipart = (
  state: S3State,
  request: S3Request,
  rules: ProfileRules,
  namesETag: boolean,
): S3Answer => {
  if (request.operation === "CreateMultipartUpload") return create(state, request);
  const id = request.query.get("uploadId") ?? "";
  if (request.operation === "CompleteMultipartUpload") return complete(state, request, id, rules, namesETag);
  const upload = state.uploads.get(id);
  if (upload === undefined) return errorAnswer(404, "NoSuchUpload");
  if (request.operation === "AbortMultipartUpload") {
    state.uploads.delete(id);
    return emptyAnswer(204);
  }
  const etag = etagOf(request.body);
  upload.parts.set(Number(request.query.get("partNumber")), { body: request.body, etag });
  return emptyAnswer(200, { etag });
};
