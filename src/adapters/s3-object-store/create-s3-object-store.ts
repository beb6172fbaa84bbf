import type { ObjectStore } from "../../ports/object-store.ts";
import { getByPeek } from "../transfer/get-by-peek.ts";
import { abortLeftovers } from "./abort-leftovers.ts";
import { deleteObject } from "./delete-object.ts";
import { fetchObject } from "./fetch-object.ts";
import { peekObject } from "./get-object.ts";
import { headObject } from "./head-object.ts";
import { listObjects } from "./list-objects.ts";
import { putObject } from "./put-object.ts";
import { createS3Bucket } from "./s3-bucket.ts";
import type { S3ObjectStore, S3Options } from "./s3-options.ts";

/** As the SDK finds it in the environment; an endpoint in a profile file works too, but is not in the store's name. */
const endpointInSight = (options: S3Options): string | undefined => {
  const { env } = process;
  if (options.endpoint !== undefined) return options.endpoint;
  if (env["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] === "true") return undefined;
  return env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined;
};

/**
 * A bucket on S3, or on a server that speaks its protocol, below a prefix. Sends nothing before the first call.
 *
 * Besides what every store rejects with, a conditional put rejects with `store-unsafe` when the server refuses the
 * condition itself; a store that ignores it answers `stored`, which only a probe can find out.
 */
export const createS3ObjectStore = (options: S3Options): S3ObjectStore => {
  const endpoint = endpointInSight(options);
  const bucket = createS3Bucket(options, endpoint);
  const where = `s3://${options.bucket}/${bucket.fullKey("")}`.replace(/\/$/, "");
  const peek: ObjectStore["peek"] = (key, limit, signal) => peekObject(bucket, key, limit, signal);
  return {
    name: endpoint === undefined ? where : `${where} at ${bucket.names.server}`,
    get: getByPeek(peek),
    peek,
    fetch: (key, version, target, signal) => fetchObject(bucket, key, version, target, signal),
    head: (key, signal) => headObject(bucket, key, signal),
    list: (prefix, signal) => listObjects(bucket, prefix, signal),
    put: (key, body, mode, putOptions, signal) => putObject(bucket, key, body, mode, putOptions, signal),
    delete: (key, signal) => deleteObject(bucket, key, signal),
    close: bucket.close,
    etagForm: bucket.etags.form,
    abortLeftovers: (prefix, signal, isOwn) => abortLeftovers(bucket, prefix, signal, isOwn),
  };
};
