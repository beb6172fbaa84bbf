import { Readable } from "node:stream";
import type { BlobClient } from "@azure/storage-blob";
import type { Key } from "../../core/key.ts";
import type { ObjectMeta, Target } from "../../ports/object-store.ts";
import { fetchRanges, type RangeAnswer } from "../transfer/fetch-ranges.ts";
import { withoutBody } from "../transfer/without-body.ts";
import { type AzContainer, etagFromServer } from "./az-container.ts";
import { azFailure } from "./az-failure.ts";
import { isAbsentKey } from "./head-object.ts";
import { isTransient } from "./to-az-error.ts";

type Version = Pick<ObjectMeta, "etag" | "size">;

const changed: RangeAnswer = { kind: "changed" };

/** One answer. Rejects with what the SDK throws. */
const send = async (
  blob: BlobClient,
  { etag, size }: Version,
  offset: number,
  end: number,
  signal: AbortSignal,
): Promise<RangeAnswer> => {
  const options = { abortSignal: signal, maxRetryRequests: 0, conditions: { ifMatch: etag } };
  const answer = await blob.download(offset, end - offset, options);
  const { readableStreamBody: stream, contentRange: range } = answer;
  if (!(stream instanceof Readable)) throw new Error("the answer has no body");
  const isOther = etagFromServer(answer.etag) !== etag || range?.endsWith(`/${size}`) === false;
  if (!isOther && range === `bytes ${offset}-${end - 1}/${size}`) return { kind: "bytes", stream };
  withoutBody(stream);
  return isOther ? changed : { kind: "again", cause: new Error("the answer is not the range that was asked for") };
};

/** One version by ranges, each with the version's ETag in `If-Match`: two versions are never mixed. */
export const fetchObject = async (
  container: AzContainer,
  key: Key,
  version: Version,
  target: Target,
  signal: AbortSignal,
): Promise<"whole" | "changed"> => {
  const { clock, random } = container;
  const client = await container.open(signal);
  const blob = client.getBlobClient(container.fullKey(key));
  const ask = async (offset: number, end: number, either: AbortSignal): Promise<RangeAnswer> => {
    try {
      return await send(blob, version, offset, end, either);
    } catch (thrown) {
      const failure = azFailure(thrown);
      if (isAbsentKey(thrown) || failure.status === 412 || failure.status === 416) return changed;
      if (either.aborted || !isTransient(failure)) throw thrown;
      return { kind: "again", cause: thrown };
    }
  };
  try {
    return await fetchRanges({ size: version.size, target, clock, random, ask }, signal);
  } catch (thrown) {
    throw container.error(thrown, `get "${key}"`);
  }
};
