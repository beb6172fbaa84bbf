import { readFileSync } from "node:fs";
import { createRetryingObjectStore } from "../adapters/retrying-object-store.ts";
import type { Environment } from "../config/read-setting.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Random } from "../ports/random.ts";

/** The bucket's client is loaded only when its scheme is used: the SDK alone costs more than all the rest. */
export const openStore = async (config: Config, env: Environment, clock: Clock, random: Random): Promise<ObjectStore> =>
  createRetryingObjectStore(await openClient(config, env, clock, random), clock, random);

const openClient = async (config: Config, env: Environment, clock: Clock, random: Random): Promise<ObjectStore> => {
  const { bucket } = config;
  if (bucket.scheme === "file") {
    const { createFileObjectStore } = await import("../adapters/file-object-store/file-object-store.ts");
    return createFileObjectStore(bucket.path, { random });
  }
  const { createS3ObjectStore } = await import("../adapters/s3-object-store/create-s3-object-store.ts");
  return createS3ObjectStore({
    bucket: bucket.bucket,
    prefix: bucket.prefix,
    pathStyle: config.s3PathStyle,
    credentials: credentials(config),
    sse: config.s3Sse,
    sseKmsKeyId: config.s3SseKmsKeyId,
    requestTimeoutMs: config.requestTimeout,
    connectTimeoutMs: config.connectTimeout,
    caBundle: caBundle(env),
    proxyEnv: env,
    clock,
    random,
  });
};

const credentials = ({ s3AccessKeyId, s3SecretAccessKey, s3SessionToken }: Config) =>
  s3AccessKeyId === undefined || s3SecretAccessKey === undefined
    ? undefined
    : { accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey, sessionToken: s3SessionToken };

/** SDK v3 does not read AWS_CA_BUNDLE by itself. */
const caBundle = (env: Environment): string | undefined => {
  const path = env["AWS_CA_BUNDLE"];
  if (path === undefined || path === "") return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new KgsyncError("config-invalid", `AWS_CA_BUNDLE=${path} cannot be read`, { cause });
  }
};
