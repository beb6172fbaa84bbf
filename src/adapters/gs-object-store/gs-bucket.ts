import { KgsyncError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { nodeKnowsProxies } from "../transfer/node-knows-proxies.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import { createSender, type Send } from "./create-sender.ts";
import type { GsOptions } from "./gs-options.ts";
import type { GsReply } from "./gs-reply.ts";
import type { Credentials } from "./open-credentials.ts";
import { type BucketNames, toBucketError } from "./to-bucket-error.ts";
import { toCredentialsError } from "./to-credentials-error.ts";

/** Google's library costs more to load than all the rest, and an emulator needs none. */
const open = async (timeoutMs: number): Promise<Credentials> =>
  await (await import("./open-credentials.ts")).openCredentials(timeoutMs);

const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
const GOOGLE = "https://storage.googleapis.com";

/** What every operation needs: the bucket, how names map to objects in it, and one way to send and to fail. */
export type GsBucket = {
  readonly names: BucketNames;
  readonly clock: Clock;
  readonly random: Random;
  readonly fullKey: (name: string) => string;
  /** The name below the prefix. */
  readonly relative: (fullKey: string) => string;
  /** An object's path in the XML API. */
  readonly pathOf: (name: string) => string;
  /** The bucket's `o` collection in the JSON API, and that of its uploads. */
  readonly objects: string;
  readonly uploads: string;
  /** With credentials. Rejects with KgsyncError when there are none: then nothing was sent. */
  readonly send: Send;
  readonly error: (reply: GsReply, action: string) => KgsyncError;
  readonly close: () => void;
};

/** Sends nothing before the first call. */
export const createGsBucket = (options: GsOptions): GsBucket => {
  const endpoint = new URL(options.endpoint ?? GOOGLE);
  const proxied = PROXY_VARIABLES.some((name) => (options.proxyEnv?.[name] ?? "") !== "");
  const names = {
    bucket: options.bucket,
    server: options.endpoint === undefined ? "Google Cloud" : endpoint.origin,
    proxyIgnored: proxied && !nodeKnowsProxies(process.version),
  };
  const sender = createSender(options, endpoint);
  const base = options.prefix.replace(/^\/+|\/+$/g, "");
  const before = base === "" ? "" : `${base}/`;
  const path = `/storage/v1/b/${encodeURIComponent(options.bucket)}/o`;
  let opened: Promise<Credentials> | undefined;

  const headers = async (signal: AbortSignal): Promise<Readonly<Record<string, string>>> => {
    if (options.anonymous) return {};
    opened ??= open(options.requestTimeoutMs);
    try {
      const credentials = await unlessAborted(opened, signal);
      return await unlessAborted(credentials.headers(), signal);
    } catch (thrown) {
      if (!signal.aborted) {
        opened = undefined; // the next call reads the file again: it may have been replaced
        throw toCredentialsError(thrown, names);
      }
      const message = `bucket "${names.bucket}" at ${names.server}: stopped before a request was sent`;
      throw new KgsyncError("bucket-unavailable", message, { cause: thrown });
    }
  };
  /** What was refused for its token was not applied: with new credentials once more is safe. */
  const send: Send = async (request, signal) => {
    const attempt = async (): Promise<GsReply> =>
      await sender.send({ ...request, headers: { ...request.headers, ...(await headers(signal)) } }, signal);
    const reply = await attempt();
    if (reply.status !== 401 || options.anonymous) return reply;
    opened = undefined;
    return await attempt();
  };
  return {
    names,
    clock: options.clock,
    random: options.random,
    fullKey: (name) => before + name,
    relative: (fullKey) => fullKey.slice(before.length),
    pathOf: (name) =>
      `/${encodeURIComponent(options.bucket)}/${(before + name).split("/").map(encodeURIComponent).join("/")}`,
    objects: path,
    uploads: `/upload${path}`,
    send,
    error: (reply, action) => toBucketError(reply, action, names),
    close: sender.close,
  };
};
