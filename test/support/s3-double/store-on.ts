import { createNodeRandom } from "../../../src/adapters/node-random.ts";
import { createS3ObjectStore } from "../../../src/adapters/s3-object-store/create-s3-object-store.ts";
import type { S3ObjectStore, S3Options } from "../../../src/adapters/s3-object-store/s3-options.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";

/** Generous: a stalled request must end by these, but no test may fail because the machine is busy. */
export const TEST_OPTIONS: S3Options = {
  bucket: "bucket",
  prefix: "",
  region: "us-east-1",
  pathStyle: "auto",
  credentials: { accessKeyId: "test", secretAccessKey: "secret" },
  requestTimeoutMs: 20_000,
  connectTimeoutMs: 10_000,
  clock: createSystemClock(),
  random: createNodeRandom(),
};

/** The adapter on a server, by default with fixed keys. */
export const storeOn = (endpoint: string, more: Partial<S3Options> = {}): S3ObjectStore =>
  createS3ObjectStore({ ...TEST_OPTIONS, endpoint, ...more });
