import { readFileSync } from "node:fs";
import { createMeteredObjectStore } from "../adapters/metered-object-store.ts";
import { createRetryingObjectStore } from "../adapters/retrying-object-store.ts";
import { isOwnKey, wordForKey } from "../app/keys.ts";
import type { Environment } from "../config/read-setting.ts";
import type { Config } from "../config/schema.ts";
import { KgsyncError } from "../core/errors.ts";
import type { Log } from "../ports/log.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { Progress } from "../ports/progress.ts";
import type { Program } from "./program.ts";
import { ownCredentials } from "./rotating-secrets.ts";

/** `tidy` removes what an earlier run may have left half uploaded; nothing waits for it. */
export type OpenedStore = { readonly store: ObjectStore; readonly tidy: (signal: AbortSignal) => Promise<number> };

/** The bucket's client is loaded only when its scheme is used: the SDK alone costs more than all the rest. */
export const openStore = async (
  program: Program,
  config: Config,
  log: Log,
  metrics?: Metrics,
): Promise<OpenedStore> => {
  const { clock, random, progress } = program;
  const { store, tidy } = await openClient(program, config);
  const metered = metrics === undefined ? store : createMeteredObjectStore(store, clock, metrics);
  const retrying = createRetryingObjectStore(metered, clock, random, sayOnce(log));
  return { store: progress === undefined ? retrying : await watch(retrying, progress), tidy };
};

const watch = async (store: ObjectStore, progress: Progress): Promise<ObjectStore> => {
  const { createWatchedObjectStore } = await import("../adapters/watched-object-store.ts");
  return createWatchedObjectStore(store, progress, wordForKey);
};

/** One line for each reason why the bucket is waited for, not one for each try, nor for each of the requests that wait at once. */
const sayOnce = (log: Log): ((error: KgsyncError) => void) => {
  let said = "";
  return (err) => {
    const reason = `${err.code} ${err.message.slice(err.message.lastIndexOf(": ") + 1)}`;
    if (reason === said) return;
    said = reason;
    log.warn("bucket.retry", "the bucket did not answer as it should; trying again", { err });
  };
};

/** The same without the retries: for asking what the bucket says at once. */
export const openClient = async (program: Program, config: Config): Promise<OpenedStore> => {
  const { env, clock, random } = program;
  const { bucket } = config;
  if (bucket.scheme === "file") {
    const { createFileObjectStore } = await import("../adapters/file-object-store/file-object-store.ts");
    return { store: createFileObjectStore(bucket.path, { random }), tidy: async () => 0 };
  }
  const { createS3ObjectStore } = await import("../adapters/s3-object-store/create-s3-object-store.ts");
  const store = createS3ObjectStore({
    bucket: bucket.bucket,
    prefix: bucket.prefix,
    pathStyle: config.s3PathStyle,
    credentials: ownCredentials(program, config),
    sse: config.s3Sse,
    sseKmsKeyId: config.s3SseKmsKeyId,
    requestTimeoutMs: config.requestTimeout,
    connectTimeoutMs: config.connectTimeout,
    caBundle: caBundle(env),
    proxyEnv: env,
    clock,
    random,
  });
  return { store, tidy: (signal) => store.abortLeftovers("", signal, isOwnKey) };
};

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
