import { isOwnKey } from "../../app/keys.ts";
import { placesOf } from "../resolve-paths.ts";
import { ownCredentials } from "../rotating-secrets.ts";
import { caBundle } from "./ca-bundle.ts";
import type { OpenPlace } from "./opened-store.ts";
import { withS3Conditions } from "./s3-conditions.ts";

/** S3, or a server that speaks its protocol. */
export const openS3: OpenPlace<"s3"> = async ({ bucket, prefix }, program, config) => {
  const { env, clock, random } = program;
  const { createS3ObjectStore } = await import("../../adapters/s3-object-store/create-s3-object-store.ts");
  const store = createS3ObjectStore({
    bucket,
    prefix,
    pathStyle: config.s3PathStyle,
    credentials: ownCredentials(program, config),
    sse: config.s3Sse,
    sseKmsKeyId: config.s3SseKmsKeyId,
    requestTimeoutMs: config.requestTimeout,
    connectTimeoutMs: config.connectTimeout,
    caBundle: caBundle(env, "AWS_CA_BUNDLE"), // SDK v3 does not read it by itself
    proxyEnv: env,
    clock,
    random,
  });
  return {
    store: await withS3Conditions(store, config, random),
    tidy: (signal) => store.abortLeftovers("", signal, isOwnKey(placesOf(config))),
  };
};
