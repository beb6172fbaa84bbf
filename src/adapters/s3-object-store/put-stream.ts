import { Readable } from "node:stream";
import { PutObjectCommand, type PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { Key } from "../../core/key.ts";
import type { Body, PutMode, PutOptions } from "../../ports/object-store.ts";
import { type PositionedBody, readPart } from "../transfer/read-body.ts";
import { putConditionally } from "./put-conditionally.ts";
import type { PutAttempt } from "./put-outcome.ts";
import type { S3Bucket } from "./s3-bucket.ts";
import { isRequest } from "./sent-request.ts";

/** A body whose digest is known: the request can be signed with it before the first byte is read. */
type DigestedBody = PositionedBody & { readonly sha256: string };

const PIECE = 1024 * 1024;
const AT_MOST = 5 * 1024 ** 3; // Amazon S3 User Guide, "Uploading objects": the largest single PUT

/**
 * The body, if it may go in one request without being in memory. Not where the SDK has to add a checksum, which it would do in
 * chunked framing that some servers store as content.
 */
export const streamable = async (
  bucket: S3Bucket,
  body: Body,
  signal: AbortSignal,
): Promise<DigestedBody | undefined> => {
  if (body instanceof Uint8Array || body.sha256 === undefined || body.size > AT_MOST) return undefined;
  const { config } = await bucket.open(signal);
  const plain = (await config.requestChecksumCalculation()) === "WHEN_REQUIRED";
  return plain ? { ...body, sha256: body.sha256 } : undefined;
};

const piecesOf = async function* (body: PositionedBody, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.size; ) {
    const piece = await readPart(body, at, Buffer.allocUnsafeSlow(PIECE), signal);
    at += piece.length;
    yield piece;
  }
};

/** The SDK pipes a body and does not hear of its failure, which ends the request here. */
const sendBody = async (
  bucket: S3Bucket,
  input: PutObjectCommandInput,
  body: DigestedBody,
  signal: AbortSignal,
): Promise<{ readonly ETag?: string | undefined }> => {
  const unread = new AbortController();
  const ended = AbortSignal.any([signal, unread.signal]);
  const stream = Readable.from(piecesOf(body, ended), { objectMode: false });
  let failure: unknown;
  stream.on("error", (thrown) => {
    failure ??= thrown;
    unread.abort();
  });
  const command = new PutObjectCommand({ ...input, Body: stream });
  command.middlewareStack.add(
    (next) => (args) => {
      if (isRequest(args.request)) args.request.headers["x-amz-content-sha256"] = body.sha256;
      return next(args);
    },
    { step: "build", name: "kgsyncDigest" },
  );
  try {
    const client = await bucket.open(signal);
    return await client.send(command, { abortSignal: ended });
  } catch (thrown) {
    throw failure !== undefined && !signal.aborted ? failure : thrown;
  } finally {
    stream.destroy();
  }
};

/**
 * One PutObject that reads its body while it is sent: as `putSingle`, every server that has conditions honours this one's, and
 * no more than some pieces are in memory.
 */
export const putStream = async (
  bucket: S3Bucket,
  key: Key,
  body: DigestedBody,
  mode: PutMode,
  { contentType, metadata }: PutOptions,
  signal: AbortSignal,
): Promise<PutAttempt> => {
  const input = {
    Bucket: bucket.bucket,
    Key: bucket.fullKey(key),
    ContentLength: body.size,
    ContentType: contentType,
    Metadata: { ...metadata },
    ...bucket.sse,
  };
  const send = (conditions: object) => sendBody(bucket, { ...input, ...conditions }, body, signal);
  return await putConditionally(bucket, { key, mode, size: body.size, metadata, send }, signal);
};
