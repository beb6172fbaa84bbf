import { setLogLevel } from "@azure/logger";
import {
  AnonymousCredential,
  ContainerClient,
  type StoragePipelineOptions,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import { KgsyncError } from "../../core/errors.ts";
import { type ETag, etag } from "../../core/version.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { nodeKnowsProxies } from "../transfer/node-knows-proxies.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import type { AzOptions } from "./az-options.ts";
import { createAgent } from "./create-agent.ts";
import { type AzNames, toAzError } from "./to-az-error.ts";

/** What every operation needs: the container, how names map to blobs in it, and one way to fail. */
export type AzContainer = {
  readonly clock: Clock;
  readonly random: Random;
  readonly fullKey: (name: string) => string;
  /** The name below the prefix. */
  readonly relative: (fullKey: string) => string;
  /** The client, ready to send. Rejects with KgsyncError, also when `signal` has aborted already. */
  readonly open: (signal: AbortSignal) => Promise<ContainerClient>;
  readonly error: (thrown: unknown, action: string) => KgsyncError;
  readonly close: () => void;
};

const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/** Headers quote an ETag and listings do not: one spelling for both. An answer without one could never be updated safely. */
export const etagFromServer = (text: string | undefined): ETag => {
  const bare = (text ?? "").replace(/^W\//, "").replace(/^"(.*)"$/, "$1");
  if (bare === "") throw new Error("the answer names no ETag");
  return etag(`"${bare}"`);
};

const clientOf = async (
  options: AzOptions,
  names: AzNames,
  settings: StoragePipelineOptions,
): Promise<ContainerClient> => {
  const { endpoint, credential } = options.account;
  const url = `${endpoint}/${options.container}`;
  switch (credential.kind) {
    case "key":
      return new ContainerClient(url, new StorageSharedKeyCredential(credential.account, credential.key), settings);
    case "sas":
      return new ContainerClient(`${url}?${credential.query}`, new AnonymousCredential(), settings);
    case "identity": {
      const { createAzIdentity } = await import("./az-identity.ts");
      return new ContainerClient(url, createAzIdentity(names), settings);
    }
  }
};

/** Connects nothing yet. */
export const createAzContainer = (options: AzOptions): AzContainer => {
  setLogLevel(); // AZURE_LOG_LEVEL would have it write to stderr, which is the app's
  const agent = createAgent(options);
  const before = options.prefix === "" ? "" : `${options.prefix}/`;
  const proxied = PROXY_VARIABLES.some((name) => (options.proxyEnv?.[name] ?? "") !== "");
  const names: AzNames = {
    container: options.container,
    server: options.account.endpoint,
    proxyIgnored: proxied && !nodeKnowsProxies(process.version),
    clock: options.clock,
  };
  // One attempt: an automatic retry of a conditional put reports our own success as a conflict.
  const settings = { retryOptions: { maxTries: 1 }, redirectOptions: { maxRetries: 0 }, agent };
  let client: Promise<ContainerClient> | undefined;
  const open = async (signal: AbortSignal): Promise<ContainerClient> => {
    client ??= clientOf(options, names, settings);
    try {
      return await unlessAborted(client, signal);
    } catch (cause) {
      if (!signal.aborted) throw toAzError(cause, "open it", names);
      const message = `container "${names.container}" at ${names.server}: stopped before a request was sent`;
      throw new KgsyncError("bucket-unavailable", message, { cause });
    }
  };
  return {
    clock: options.clock,
    random: options.random,
    fullKey: (name) => before + name,
    relative: (fullKey) => fullKey.slice(before.length),
    open,
    error: (thrown, action) => toAzError(thrown, action, names),
    close: () => agent.destroy(),
  };
};
