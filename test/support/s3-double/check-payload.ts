import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { errorAnswer, type S3Answer } from "./s3-answer.ts";
import type { S3Request } from "./s3-request.ts";

const hash = (algorithm: string, body: Buffer, encoding: "hex" | "base64"): string =>
  createHash(algorithm).update(body).digest(encoding);

const crc32Of = (body: Buffer): string => {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(crc32(body));
  return four.toString("base64");
};

/** Refuses a body that is not what its headers promise, and framing that a plain server would store as content. */
export const payloadProblem = ({ headers, body }: S3Request): S3Answer | undefined => {
  const promised = headers["x-amz-content-sha256"] ?? "";
  if (promised.startsWith("STREAMING-") || (headers["content-encoding"] ?? "").includes("aws-chunked")) {
    return errorAnswer(411, "MissingContentLength");
  }
  if (/^[0-9a-f]{64}$/.test(promised) && promised !== hash("sha256", body, "hex")) {
    return errorAnswer(400, "XAmzContentSHA256Mismatch");
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined && md5 !== hash("md5", body, "base64")) return errorAnswer(400, "BadDigest");
  const crc = headers["x-amz-checksum-crc32"];
  return crc !== undefined && crc !== crc32Of(body) ? errorAnswer(400, "BadDigest") : undefined;
};
