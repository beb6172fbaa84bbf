import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { readAnswer } from "../transfer/read-answer.ts";
import type { GsOptions } from "./gs-options.ts";
import type { GsReply, GsRequest } from "./gs-reply.ts";

/** Sends one request, once, and reads the whole answer, unless it is to be left. Never rejects: no answer is a reply too. */
export type Send = (request: GsRequest, signal: AbortSignal) => Promise<GsReply>;

export type Sender = { readonly send: Send; readonly close: () => void };

const MAX_SOCKETS = 50;
const NOTHING = new Uint8Array(0);

const cutShort = (): Error => new Error("the answer was cut short");
const timedOut = (): Error => Object.assign(new Error("no byte came in time"), { code: "ETIMEDOUT" });

/** The whole body. */
const readBody = (incoming: IncomingMessage): Promise<Uint8Array> => {
  const length = incoming.headers["content-length"];
  return readAnswer(incoming, length === undefined ? undefined : Number(length), cutShort);
};

/**
 * Requests by node:http with every limit set, and not by `@google-cloud/storage`: that client takes no abort signal for an
 * upload, a download or a listing, keeps its sockets in a pool that nobody can close, and has no limit for connecting, so that
 * a stop could outlast its deadline. It also costs twice as long to load. Its credentials are used (open-credentials.ts).
 */
export const createSender = (options: GsOptions, endpoint: URL): Sender => {
  const { connectTimeoutMs, requestTimeoutMs, proxyEnv } = options;
  const secure = endpoint.protocol === "https:";
  const agentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: connectTimeoutMs, // of a tunnel that the proxy does not open; nothing else ends its socket
    ...(proxyEnv === undefined ? {} : { proxyEnv: { ...proxyEnv } }),
  };
  const agent = secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const place = {
    agent,
    protocol: endpoint.protocol,
    hostname: endpoint.hostname.replace(/^\[|\]$/g, ""), // of an IPv6 address the brackets are URL's
    port: endpoint.port,
    timeout: requestTimeoutMs,
  };

  const send: Send = ({ method, path, headers, body, leaves }, signal) =>
    new Promise((resolve) => {
      let sent = false;
      const fail = (cause: unknown): void => resolve({ status: undefined, headers: {}, body: NOTHING, sent, cause });
      if (signal.aborted) return fail(signal.reason);
      const length =
        body === undefined ? {} : { "content-length": body.reduce((sum, part) => sum + part.byteLength, 0) };
      const outgoing = (secure ? httpsRequest : httpRequest)({
        ...place,
        method,
        path: endpoint.pathname.replace(/\/+$/, "") + path,
        headers: { ...headers, ...length },
        signal,
      });
      outgoing.on("socket", (socket) => {
        if (!socket.connecting) {
          sent = true;
          return;
        }
        socket.setTimeout(connectTimeoutMs);
        socket.once(secure ? "secureConnect" : "connect", () => {
          sent = true;
          socket.setTimeout(requestTimeoutMs);
        });
      });
      outgoing.on("timeout", () => outgoing.destroy(timedOut()));
      outgoing.on("error", fail);
      outgoing.on("response", (incoming) => {
        const { statusCode: status, headers: answered } = incoming;
        if (leaves?.({ status, headers: answered }) === true)
          return resolve({ status, headers: answered, body: NOTHING, stream: incoming, sent });
        readBody(incoming).then((whole) => resolve({ status, headers: answered, body: whole, sent }), fail);
      });
      for (const part of body ?? []) outgoing.write(part);
      outgoing.end();
    });
  return { send, close: () => agent.destroy() };
};
