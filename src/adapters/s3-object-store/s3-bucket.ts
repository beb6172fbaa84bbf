import type { S3Client } from "@aws-sdk/client-s3";
import { KgsyncError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { nodeKnowsProxies } from "../transfer/node-knows-proxies.ts";
import { createETagMemory, type ETagMemory } from "./etag-form.ts";
import { createRepeatGet, type RepeatGet } from "./repeat-get.ts";
import { createRepeatPut, type RepeatPut } from "./repeat-put.ts";
import { createS3Connection } from "./s3-connection.ts";
import { s3Failure } from "./s3-failure.ts";
import type { S3Options } from "./s3-options.ts";
import { type BucketNames, toBucketError, toOpenError } from "./to-bucket-error.ts";

/** What every operation needs: the bucket, how names map to keys in it, and one way to send and to fail. */
export type S3Bucket = {
  readonly bucket: string;
  readonly names: BucketNames;
  readonly etags: ETagMemory;
  readonly clock: Clock;
  readonly random: Random;
  /** Headers that every put needs. */
  readonly sse: {
    readonly ServerSideEncryption?: "AES256" | "aws:kms" | "aws:kms:dsse";
    readonly SSEKMSKeyId?: string;
  };
  readonly fullKey: (name: string) => string;
  /** The name below the prefix. */
  readonly relative: (fullKey: string) => string;
  /** Rejects with what the SDK throws; before a request could leave, with KgsyncError. */
  readonly send: <T>(request: (client: S3Client) => Promise<T>, signal: AbortSignal) => Promise<T>;
  readonly open: (signal: AbortSignal) => Promise<S3Client>;
  /** For reading many objects at little cost. */
  readonly repeatGet: RepeatGet;
  /** For writing many. */
  readonly repeatPut: RepeatPut;
  readonly error: (thrown: unknown, action: string) => KgsyncError;
  readonly close: () => void;
};

const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

const withoutUser = (endpoint: string | undefined): string =>
  endpoint === undefined || !URL.canParse(endpoint) ? "AWS" : new URL(endpoint).origin;

const sseOf = ({ sse, sseKmsKeyId }: S3Options): S3Bucket["sse"] => ({
  ...(sse === undefined ? {} : { ServerSideEncryption: sse }),
  ...(sseKmsKeyId === undefined ? {} : { SSEKMSKeyId: sseKmsKeyId }),
});

/** `endpoint`: as far as it is known before the SDK has read its files. */
export const createS3Bucket = (options: S3Options, endpoint: string | undefined): S3Bucket => {
  const connection = createS3Connection(options, endpoint);
  const base = options.prefix.replace(/^\/+|\/+$/g, "");
  const before = base === "" ? "" : `${base}/`;
  const proxied = PROXY_VARIABLES.some((name) => (options.proxyEnv?.[name] ?? "") !== "");
  const names: BucketNames = {
    bucket: options.bucket,
    server: withoutUser(endpoint),
    proxyIgnored: proxied && !nodeKnowsProxies(process.version),
  };
  const open = async (signal: AbortSignal): Promise<S3Client> => {
    try {
      return await connection.open(signal);
    } catch (thrown) {
      if (!signal.aborted) throw toOpenError(thrown, names, process.env);
      const message = `bucket "${names.bucket}" at ${names.server}: stopped before a request was sent`;
      throw new KgsyncError("bucket-unavailable", message, { cause: thrown });
    }
  };
  /** A request refused for our clock was not applied, and the SDK has corrected its offset: once more is safe. */
  const send = async <T>(request: (client: S3Client) => Promise<T>, signal: AbortSignal): Promise<T> => {
    const client = await open(signal);
    try {
      return await request(client);
    } catch (thrown) {
      const { status, clockCorrected } = s3Failure(thrown);
      if (status !== 403 || !clockCorrected) throw thrown;
      return await request(client);
    }
  };
  return {
    bucket: options.bucket,
    names,
    etags: createETagMemory(options.etagForm),
    clock: options.clock,
    random: options.random,
    sse: sseOf(options),
    fullKey: (name) => before + name,
    relative: (fullKey) => fullKey.slice(before.length),
    send,
    open,
    repeatGet: createRepeatGet(options.clock),
    repeatPut: createRepeatPut(options.clock),
    error: (thrown, action) => toBucketError(thrown, action, names),
    close: connection.close,
  };
};
