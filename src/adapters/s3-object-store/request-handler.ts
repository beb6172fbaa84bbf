import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Readable } from "node:stream";
import { queryText } from "./query-text.ts";
import type { S3Options } from "./s3-options.ts";
import type { SentRequest } from "./sent-request.ts";

const MAX_SOCKETS = 50;

/** An answer as the SDK takes it: names of headers in lower case, the body still to be read. */
export type HandlerAnswer = {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: IncomingMessage;
};

type HandlerRequest = SentRequest & {
  readonly body?: unknown;
  readonly username?: string;
  readonly password?: string;
};

type How = { readonly abortSignal?: unknown };

/** The part of the SDK's handlers that it calls. */
export type RequestHandler = {
  readonly metadata: { readonly handlerProtocol: string };
  readonly handle: (request: HandlerRequest, how?: How) => Promise<{ response: HandlerAnswer }>;
  /** What clients of the SDK's own, for credentials, would change is set here for all. */
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
  /** May be called twice. */
  readonly destroy: () => void;
};

/** `s3Failure` and the SDK read names and codes. */
const named = (name: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { name });

const flat = (headers: IncomingMessage["headers"]): Record<string, string> => {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined) all[name] = typeof value === "string" ? value : value.join(",");
  return all;
};

const send = (request: ClientRequest, body: unknown): void => {
  if (body instanceof Readable) body.pipe(request);
  else if (typeof body === "string" || body instanceof Uint8Array) request.end(body);
  else request.end();
};

/**
 * Sends the SDK's requests, and those in their likeness, with every limit set: the SDK's own handler waits 300 s for a silent
 * server, and takes half as long again. Silence is what ends a request, and the caller's signal bounds the whole: a limit on
 * the whole would count the sending of a large body. `node:https` is loaded by whoever has TLS.
 */
export const createRequestHandler = (options: S3Options): RequestHandler => {
  const { clock, connectTimeoutMs: connectMs, requestTimeoutMs: silenceMs } = options;
  const agentOptions = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: connectMs, // of a tunnel that the proxy does not open; nothing else ends its socket
    ...(options.proxyEnv === undefined ? {} : { proxyEnv: { ...options.proxyEnv } }),
  };
  const plain = { agent: new HttpAgent(agentOptions), request: requestHttp };
  const loadHttps = async () => (await import("./https-agent.ts")).openHttps(agentOptions, options.caBundle);
  let https: ReturnType<typeof loadHttps> | undefined;
  const secure = (): ReturnType<typeof loadHttps> => {
    https ??= loadHttps();
    return https;
  };

  const handle: RequestHandler["handle"] = async (asked, how) => {
    const signal = how?.abortSignal instanceof AbortSignal ? how.abortSignal : undefined;
    const { agent, request: open } = asked.protocol === "https:" ? await secure() : plain;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(named("AbortError", "aborted before it was sent", signal.reason));
      const query = queryText(asked.query, false);
      const request = open({
        agent,
        method: asked.method,
        host: asked.hostname.replace(/^\[(.*)\]$/, "$1"),
        port: asked.port,
        path: query === "" ? asked.path : `${asked.path}?${query}`,
        headers: asked.headers,
        ...(asked.username === undefined ? {} : { auth: `${asked.username}:${asked.password ?? ""}` }),
      });
      request.setTimeout(silenceMs); // as an option it would be the limit of a proxy's tunnel too
      let answer: IncomingMessage | undefined;
      const fail = (error: Error): void => {
        answer?.destroy(error);
        request.destroy();
        reject(error);
      };
      const stop = (): void => fail(named("AbortError", "aborted", signal?.reason));
      signal?.addEventListener("abort", stop, { once: true });
      const connected = clock.after(connectMs, () =>
        fail(named("TimeoutError", `the socket did not establish a connection within ${connectMs} ms`)),
      );
      request.on("socket", (socket) => (socket.connecting ? socket.once("connect", connected) : connected()));
      request.on("timeout", () => fail(named("TimeoutError", `nothing was sent or received for ${silenceMs} ms`)));
      request.on("error", reject);
      request.on("close", () => {
        connected();
        signal?.removeEventListener("abort", stop);
      });
      request.on("response", (response) => {
        answer = response;
        resolve({
          response: { statusCode: response.statusCode ?? -1, headers: flat(response.headers), body: response },
        });
      });
      send(request, asked.body);
    });
  };

  return {
    metadata: { handlerProtocol: "http/1.1" },
    handle,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => {
      plain.agent.destroy();
      https?.then(
        ({ agent }) => agent.destroy(),
        () => undefined,
      );
    },
  };
};
