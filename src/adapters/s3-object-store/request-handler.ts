import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { getCACertificates } from "node:tls";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { S3Options } from "./s3-options.ts";
import { silentLogger } from "./silent-logger.ts";

const MAX_SOCKETS = 50;

/**
 * Sockets with every limit set: the SDK's own defaults wait 300 s for a silent server. `requestTimeout` stays off because
 * it counts the sending of a large body; silence is what `socketTimeout` bounds, and the caller's signal bounds the whole.
 */
export const createRequestHandler = (options: S3Options): NodeHttpHandler => {
  const agent = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: options.connectTimeoutMs, // of a tunnel that the proxy does not open; nothing else ends its socket
    ...(options.proxyEnv === undefined ? {} : { proxyEnv: { ...options.proxyEnv } }),
  };
  const ca = options.caBundle === undefined ? {} : { ca: [...getCACertificates("default"), options.caBundle] };
  return new NodeHttpHandler({
    connectionTimeout: options.connectTimeoutMs,
    socketTimeout: options.requestTimeoutMs,
    requestTimeout: 0,
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent({ ...agent, ...ca }),
    logger: silentLogger,
  });
};
