import { escapeXml, type S3Answer, xmlAnswer } from "./s3-answer.ts";
import type { S3Request } from "./s3-request.ts";
import type { S3State } from "./s3-state.ts";

/** As S3 encodes names: like a form, a space is `+`. */
const encodeName = (name: string, encoding: string | null): string =>
  encoding === "url" ? encodeURIComponent(name).replaceAll("%20", "+").replaceAll("%2F", "/") : escapeXml(name);

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** ListObjectsV2: `prefix`, `start-after`, `max-keys`, `continuation-token`, `encoding-type=url`. */
export const answerList = (state: S3State, { query, bucket }: S3Request, pageSize: number): S3Answer => {
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after = token === null ? query.get("start-after") : Buffer.from(token, "base64url").toString();
  const limit = Math.min(Number(query.get("max-keys") ?? pageSize), pageSize);
  const encoding = query.get("encoding-type");
  const names = [...state.objects.keys()].filter((name) => name.startsWith(prefix)).sort(byBytes);
  const left = names.filter((name) => after === null || byBytes(name, after) > 0);
  const page = left.slice(0, limit);
  const more = left.length > page.length;
  const rows = page.map((name) => {
    const stored = state.objects.get(name);
    return `<Contents><Key>${encodeName(name, encoding)}</Key><LastModified>${stored?.modified.toISOString()}</LastModified>\
<ETag>${escapeXml(stored?.etag ?? "")}</ETag><Size>${stored?.body.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = Buffer.from(page.at(-1) ?? "").toString("base64url");
  return xmlAnswer(
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name>\
<Prefix>${encodeName(prefix, encoding)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys>\
${encoding === null ? "" : `<EncodingType>${encoding}</EncodingType>`}<IsTruncated>${more}</IsTruncated>\
${more ? `<NextContinuationToken>${next}</NextContinuationToken>` : ""}${rows.join("")}</ListBucketResult>`,
  );
};

/** ListMultipartUploads, paged by key and upload id. */
export const answerListUploads = (state: S3State, { query, bucket }: S3Request, pageSize: number): S3Answer => {
  const prefix = query.get("prefix") ?? "";
  const mark = `${query.get("key-marker") ?? ""}\n${query.get("upload-id-marker") ?? ""}`;
  const all = [...state.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => byBytes(`${a.key}\n${a.id}`, `${b.key}\n${b.id}`))
    .filter(({ key, id }) => byBytes(`${key}\n${id}`, mark) > 0);
  const page = all.slice(0, pageSize);
  const last = page.at(-1);
  const more = all.length > page.length && last !== undefined;
  const rows = page.map(
    ({ key, id, initiated }) =>
      `<Upload><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId><Initiated>${initiated.toISOString()}</Initiated></Upload>`,
  );
  const next = more
    ? `<NextKeyMarker>${escapeXml(last.key)}</NextKeyMarker><NextUploadIdMarker>${last.id}</NextUploadIdMarker>`
    : "";
  return xmlAnswer(
    `<ListMultipartUploadsResult><Bucket>${bucket}</Bucket><IsTruncated>${more}</IsTruncated>${next}${rows.join("")}</ListMultipartUploadsResult>`,
  );
};
