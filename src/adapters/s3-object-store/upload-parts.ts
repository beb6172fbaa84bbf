import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type PositionedBody, readPart } from "../transfer/read-body.ts";

const PARTS_AT_ONCE = 4;

/** What is uploaded, by which client, in parts of how many bytes. */
export type PartsUpload = {
  readonly client: S3Client;
  readonly object: CreateMultipartUploadCommandInput;
  readonly body: PositionedBody;
  readonly partSize: number;
  readonly signal: AbortSignal;
};

/** Sends the parts, a few at once, each of which reads into a buffer of its own again and again; rejects with the first failure. */
const sendParts = async (upload: PartsUpload, id: string | undefined): Promise<CompletedPart[]> => {
  const { client, object, body, partSize, signal } = upload;
  const { Bucket, Key } = object;
  const count = Math.max(1, Math.ceil(body.size / partSize));
  const parts: CompletedPart[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafeSlow(Math.min(partSize, body.size));
    while (next < count && failures.length === 0) {
      const number = ++next;
      const Body = await readPart(body, (number - 1) * partSize, buffer, signal);
      const part = { Bucket, Key, UploadId: id, PartNumber: number, Body };
      const { ETag, ChecksumCRC32 } = await client.send(new UploadPartCommand(part));
      parts[number - 1] = { PartNumber: number, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
    }
  };
  const lanes = Array.from({ length: Math.min(PARTS_AT_ONCE, count) }, () =>
    lane().catch((thrown: unknown) => failures.push(thrown)),
  );
  await Promise.all(lanes);
  if (failures.length > 0) throw failures[0];
  return parts;
};

/**
 * A multipart upload of what is read by position: lib-storage takes such a body as a stream only, which costs it three times
 * the CPU and half the rate (pieces are put together again, and copied). Memory: a buffer of one part for each request at once.
 * However it ends, parts in flight are waited for, and an upload that is not completed is aborted.
 */
export const uploadParts = async (upload: PartsUpload): Promise<void> => {
  const { client, object } = upload;
  const { Bucket, Key } = object;
  const sums = (await client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
  const begun = await client.send(
    new CreateMultipartUploadCommand({ ...object, ...(sums ? { ChecksumAlgorithm: "CRC32" } : {}) }),
  );
  const target = { Bucket, Key, UploadId: begun.UploadId };
  try {
    const Parts = await sendParts(upload, begun.UploadId);
    await client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts } }));
  } catch (thrown) {
    await client.send(new AbortMultipartUploadCommand(target));
    throw thrown;
  }
};
