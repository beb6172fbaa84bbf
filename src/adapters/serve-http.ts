import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { KgsyncError } from "../core/errors.ts";
import type { HttpAnswer, HttpRoute } from "../ports/http.ts";

/** `address`: where it really listens. `close` ends what is still open, and may be called twice. */
export type HttpServer = { readonly address: string; readonly close: () => void };

/** The longest request line with headers. Browsers send some hundred bytes. */
const MAX_HEADER_BYTES = 8192;
/** A request has to be there whole in this time; it has no body. */
const REQUEST_MS = 5000;
const IDLE_MS = 5000;
/** More than any set of probes and scrapers opens; a crowd must not take the descriptors that the pushes need. */
const MAX_CONNECTIONS = 64;

const PLAIN = "text/plain; charset=utf-8";
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

const headersOf = ({ type, policy }: HttpAnswer, length: number) => ({
  "Content-Type": type,
  "Content-Length": length,
  "Cache-Control": "no-store",
  "Content-Security-Policy": policy ?? NOTHING,
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
});

const send = (response: ServerResponse, answer: HttpAnswer, more: Readonly<Record<string, string>> = {}): void => {
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...headersOf(answer, body.length), ...more });
  response.end(body); // node:http leaves it out of the answer to a HEAD
};

const answer = async (request: IncomingMessage, response: ServerResponse, route: HttpRoute): Promise<void> => {
  request.resume();
  if (request.method !== "GET" && request.method !== "HEAD")
    return send(
      response,
      { status: 405, type: PLAIN, body: "only GET and HEAD\n" },
      { Allow: "GET, HEAD", Connection: "close" },
    );
  // Whoever sends a body with a GET is not one of those that this is for.
  const sendsBody =
    request.headers["transfer-encoding"] !== undefined || (request.headers["content-length"] ?? "0") !== "0";
  if (sendsBody)
    return send(response, { status: 413, type: PLAIN, body: "a request has no body\n" }, { Connection: "close" });
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  try {
    send(response, await route(path, new URLSearchParams(query.join("?"))));
  } catch {
    send(response, { status: 500, type: PLAIN, body: "an error of kgsync\n" });
  }
};

/**
 * Answers GET and HEAD over HTTP/1.1, and nothing else; a request is small, has no body and a time limit. It does not keep the
 * process alive. Rejects with `config-invalid` where it cannot listen: nothing was started yet, and probes that are silently
 * not there would have an orchestrator kill the app later.
 */
export const serveHttp = (host: string | undefined, port: number, route: HttpRoute): Promise<HttpServer> =>
  new Promise((resolve, reject) => {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: REQUEST_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: REQUEST_MS,
      },
      (request, response) => void answer(request, response, route),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.maxHeadersCount = 64;
    server.on("connection", (socket) => socket.unref());
    server.once("error", (cause) => reject(cannotListen(host, port, cause)));
    server.listen({ port, host }, () => {
      server.on("error", () => undefined); // out of descriptors for a caller: it sees a connection without an answer
      server.unref();
      resolve({
        address: addressOf(server.address()),
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });

const addressOf = (address: ReturnType<ReturnType<typeof createServer>["address"]>): string => {
  if (address === null || typeof address === "string") return String(address);
  return address.family === "IPv6" ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
};

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there",
  EACCES: "this user may not listen there (ports below 1024 need a right of their own)",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no such host is known",
};

const cannotListen = (host: string | undefined, port: number, cause: Error): KgsyncError => {
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const where = `${host?.includes(":") === true ? `[${host}]` : (host ?? "")}:${port}`;
  return new KgsyncError("config-invalid", `KGSYNC_HTTP=${where}: ${WHY[code] ?? cause.message}`, {
    cause,
    hint: "Give it another port, or end the program that has this one; the app was not started, and nothing was changed.",
  });
};
