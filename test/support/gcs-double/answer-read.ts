import { castagnoliOf } from "./castagnoli.ts";
import { emptyAnswer, type GcsAnswer, jsonAnswer, jsonError, resourceOf, xmlError } from "./gcs-answer.ts";
import type { GcsRequest } from "./gcs-request.ts";
import type { GcsState } from "./gcs-state.ts";

/** `prose`: whether a 404 says in the known words what is absent. */
export const absentObject = ({ bucket, key }: GcsRequest, prose: boolean): GcsAnswer =>
  jsonError(404, "notFound", prose ? `No such object: ${bucket}/${key}` : "Not Found");

/** The first byte and the one behind the last, of one range; `undefined`: there is none, or it is not one to obey (RFC 9110 §14.2). */
const rangeOf = (header: string | undefined, size: number): readonly [number, number] | undefined => {
  const [, first = "", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  return first === "" ? undefined : [Number(first), last === "" ? size : Math.min(size, Number(last) + 1)];
};

/** The XML API. */
export const answerGet = (state: GcsState, { key, headers }: GcsRequest): GcsAnswer => {
  const found = state.objects.get(key);
  const condition = headers["x-goog-if-generation-match"];
  if (found === undefined) return xmlError(404, "NoSuchKey");
  if (condition !== undefined && condition !== found.generation) return xmlError(412, "PreconditionFailed");
  const range = rangeOf(headers["range"], found.body.length);
  if (range !== undefined && range[0] >= found.body.length) return xmlError(416, "InvalidRange");
  const metadata = Object.entries(found.metadata).map(([name, value]) => [`x-goog-meta-${name}`, value]);
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...(range === undefined ? {} : { "content-range": `bytes ${range[0]}-${range[1] - 1}/${found.body.length}` }),
      "content-type": found.contentType,
      etag: '"never-to-be-used"',
      "x-goog-generation": found.generation,
      "x-goog-hash": `crc32c=${castagnoliOf(found.body)},md5=XUFAKrxLKna5cZ2REBfFkg==`,
      "x-goog-stored-content-encoding": "identity",
      ...Object.fromEntries(metadata),
    },
    body: range === undefined ? found.body : found.body.subarray(...range),
  };
};

export const answerStat = (state: GcsState, request: GcsRequest, prose: boolean): GcsAnswer => {
  const found = state.objects.get(request.key);
  if (found === undefined) return absentObject(request, prose);
  return jsonAnswer(resourceOf(request.key, found, castagnoliOf(found.body)));
};

/** The page token is the name of the last row, in base64: of what is written meanwhile no row is named twice. */
export const answerList = (state: GcsState, { query }: GcsRequest, pageSize: number): GcsAnswer => {
  const size = Math.min(pageSize, Number(query.get("maxResults") ?? pageSize));
  const after = Buffer.from(query.get("pageToken") ?? "", "base64").toString();
  const rows = [...state.objects]
    .filter(([name]) => name.startsWith(query.get("prefix") ?? "") && name > after)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const page = rows.slice(0, size);
  const last = page.at(-1)?.[0];
  return jsonAnswer({
    kind: "storage#objects",
    ...(page.length === 0 ? {} : { items: page.map(([name, stored]) => resourceOf(name, stored, "")) }),
    ...(rows.length <= size || last === undefined ? {} : { nextPageToken: Buffer.from(last).toString("base64") }),
  });
};

export const answerDelete = (state: GcsState, request: GcsRequest, prose: boolean): GcsAnswer =>
  state.objects.delete(request.key) ? emptyAnswer(204) : absentObject(request, prose);
