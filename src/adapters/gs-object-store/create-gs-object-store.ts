import type { ObjectStore } from "../../ports/object-store.ts";
import { getByPeek } from "../transfer/get-by-peek.ts";
import { deleteObject } from "./delete-object.ts";
import { fetchObject } from "./fetch-object.ts";
import { peekObject } from "./get-object.ts";
import { createGsBucket } from "./gs-bucket.ts";
import type { GsOptions } from "./gs-options.ts";
import { headObject } from "./head-object.ts";
import { listObjects } from "./list-objects.ts";
import { putObject } from "./put-object.ts";

/** A bucket of Google Cloud Storage, below a prefix. Sends nothing before the first call. */
export const createGsObjectStore = (options: GsOptions): ObjectStore => {
  const bucket = createGsBucket(options);
  const where = `gs://${options.bucket}/${bucket.fullKey("")}`.replace(/\/$/, "");
  const peek: ObjectStore["peek"] = (key, limit, signal) => peekObject(bucket, key, limit, signal);
  return {
    name: options.endpoint === undefined ? where : `${where} at ${bucket.names.server}`,
    get: getByPeek(peek),
    peek,
    fetch: (key, version, target, signal) => fetchObject(bucket, key, version, target, signal),
    head: (key, signal) => headObject(bucket, key, signal),
    list: (prefix, signal) => listObjects(bucket, prefix, signal),
    put: (key, body, mode, putOptions, signal) => putObject(bucket, key, body, mode, putOptions, signal),
    delete: (key, signal) => deleteObject(bucket, key, signal),
    close: bucket.close,
  };
};
