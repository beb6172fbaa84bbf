import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { backoffMs } from "../../core/backoff.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { s3Failure } from "./s3-failure.ts";
import { isTransient } from "./to-bucket-error.ts";

const ABORT_MS = 5_000;
const PART_ATTEMPTS = 3;

/** Sends the Complete in its caller's way, or rejects, whereupon the upload is aborted. */
export type Complete = (
  command: CompleteMultipartUploadCommand,
) => Promise<Pick<CompleteMultipartUploadCommandOutput, "$metadata" | "ETag">>;

/**
 * The client as lib-storage's Upload should see it. Upload passes no signal to its requests, goes on uploading after a
 * part has failed, and hides a failure behind that of its clean-up; so here every request but the abort ends with
 * `signal`, the first failure ends the others, and the abort has its own short limit and never fails.
 */
export const createMultipartClient = (
  bucket: S3Bucket,
  client: S3Client,
  complete: Complete,
  signal: AbortSignal,
): S3Client => {
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([signal, failed.signal]);

  const abort = async (command: AbortMultipartUploadCommand): Promise<object> => {
    const limit = bucket.clock.timeout(ABORT_MS);
    try {
      return await client.send(command, { abortSignal: limit.signal });
    } catch {
      return {}; // abortLeftovers finds it later
    } finally {
      limit.cancel();
    }
  };

  /** Unconditional and numbered: a part that is sent twice is one part. */
  const part = async (command: UploadPartCommand): Promise<object> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await client.send(new UploadPartCommand(command.input), { abortSignal });
      } catch (thrown) {
        if (abortSignal.aborted || attempt >= PART_ATTEMPTS || !isTransient(s3Failure(thrown))) throw thrown;
        await bucket.clock.sleep(backoffMs(attempt, bucket.random.fraction()), abortSignal);
      }
    }
  };

  const send = async (command: unknown): Promise<object> => {
    if (command instanceof AbortMultipartUploadCommand) return await abort(command);
    try {
      if (command instanceof CompleteMultipartUploadCommand) return await complete(command);
      if (command instanceof UploadPartCommand) return await part(command);
      if (command instanceof CreateMultipartUploadCommand) return await client.send(command, { abortSignal });
      throw new TypeError("a request that multipart uploads do not need");
    } catch (thrown) {
      failed.abort(thrown);
      throw thrown;
    }
  };

  return Object.create(client, { send: { value: send } });
};
