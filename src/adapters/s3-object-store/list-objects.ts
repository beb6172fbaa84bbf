import { unescape as percentDecode } from "node:querystring";
import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { etag } from "../../core/version.ts";
import type { ListedObject } from "../../ports/object-store.ts";
import { readAnswer } from "../transfer/read-answer.ts";
import { etagFromServer } from "./etag-form.ts";
import { type ListingPage, parseListing } from "./parse-listing.ts";
import type { S3Bucket } from "./s3-bucket.ts";

/** Names are asked for url-encoded, since XML 1.0 cannot carry every character; S3 writes a space as `+`, as forms do. */
export const decodeListedName = (name: string, encoding: string | undefined): string =>
  encoding === "url" ? percentDecode(name.replaceAll("+", " ")) : name;

const rows = (bucket: S3Bucket, page: ListingPage | ListObjectsV2CommandOutput): readonly ListedObject[] =>
  (page.Contents ?? []).map((row) => ({
    name: bucket.relative(decodeListedName(row.Key ?? "", page.EncodingType)),
    size: row.Size ?? 0,
    etag: etagFromServer(row.ETag) ?? etag(""),
    modified: row.LastModified?.getTime() ?? 0,
  }));

type Input = { readonly Bucket: string; readonly Prefix: string; readonly ContinuationToken?: string };

/** Past the SDK, in the likeness of its GETs; `undefined` when only the SDK can tell. */
const readPage = async (bucket: S3Bucket, input: Input, signal: AbortSignal): Promise<ListingPage | undefined> => {
  const query = {
    "encoding-type": "url",
    "list-type": "2",
    prefix: input.Prefix,
    ...(input.ContinuationToken === undefined ? {} : { "continuation-token": input.ContinuationToken }),
  };
  const answer = await bucket.repeatGet.ofBucket(query, signal);
  if (answer === undefined) return undefined;
  const length = answer.headers["content-length"];
  const cutShort = (): Error => new Error("the listing was cut short");
  const body = await readAnswer(answer.body, length === undefined ? undefined : Number(length), cutShort);
  return parseListing(new TextDecoder().decode(body));
};

const pageBySdk = (bucket: S3Bucket, input: Input, signal: AbortSignal): Promise<ListObjectsV2CommandOutput> =>
  bucket.send(
    (client) => client.send(new ListObjectsV2Command({ ...input, EncodingType: "url" }), { abortSignal: signal }),
    signal,
  );

const nextPage = async (bucket: S3Bucket, input: Input, signal: AbortSignal) =>
  (await readPage(bucket, input, signal)) ?? (await pageBySdk(bucket, input, signal));

/** Page after page. A server that hands out the same page for ever is an error, not an endless listing. */
export const listObjects = async function* (
  bucket: S3Bucket,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  let token: string | undefined;
  // Whoever reads an object in the same moment goes first: this is made in the likeness of that.
  await new Promise((resolve) => setImmediate(resolve));
  do {
    const input = {
      Bucket: bucket.bucket,
      Prefix: bucket.fullKey(prefix),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    };
    const page = await nextPage(bucket, input, signal).catch((thrown: unknown) => {
      throw bucket.error(thrown, `list "${prefix}"`);
    });
    yield* rows(bucket, page);
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (page.IsTruncated === true && (next === undefined || next === token)) {
      throw bucket.error(new Error("the listing does not advance"), `list "${prefix}"`);
    }
    token = next;
  } while (token !== undefined);
};
