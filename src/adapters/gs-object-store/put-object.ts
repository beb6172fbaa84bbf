import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions, PutOutcome } from "../../ports/object-store.ts";
import { isGeneration } from "./generation.ts";
import type { GsBucket } from "./gs-bucket.ts";
import { putRelated } from "./put-related.ts";
import { putResumable } from "./put-resumable.ts";
import { readPart } from "./read-part.ts";

const IN_PARTS_ABOVE = 16 * 1024 * 1024;

/** What is in memory goes in one request, and so do small files. */
export const putObject = async (
  bucket: GsBucket,
  key: Key,
  body: Body,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  // Another store's ETag: no object here has it. And 0 would mean that there must be none.
  if (mode.mode === "update" && !isGeneration(mode.etag)) return { outcome: "conflict" };
  if (body instanceof Uint8Array) return await putRelated(bucket, key, body, mode, options, signal);
  if (body.size > IN_PARTS_ABOVE) return await putResumable(bucket, key, body, mode, options, signal);
  return await putRelated(bucket, key, await readPart(body, 0, body.size, signal), mode, options, signal);
};
