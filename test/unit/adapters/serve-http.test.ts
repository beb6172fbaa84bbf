import { request } from "node:http";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serveHttp } from "../../../src/adapters/serve-http.ts";
import type { HttpRoute } from "../../../src/ports/http.ts";

const echo: HttpRoute = async (path, query) => ({
  status: 200,
  type: "text/plain",
  body: `${path} ${[...query.keys()].join()}`,
});

const serve = async (route: HttpRoute = echo) => {
  const server = await serveHttp("127.0.0.1", 0, route);
  onTestFinished(() => server.close());
  return { ...server, port: Number(server.address.split(":").at(-1)) };
};

type Got = {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

const ask = (port: number, path: string, method = "GET", headers: Readonly<Record<string, string>> = {}, body = "") =>
  new Promise<Got>((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });

/** What comes back for bytes as they are, until the other side ends the connection. */
const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    let got = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8").on("data", (chunk: string) => (got += chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(got));
  });

test("answers GET, and HEAD without the body, with headers that let a browser do nothing but show it", async () => {
  const { port } = await serve();
  const got = await ask(port, "/readyz?verbose");
  expect(got).toMatchObject({ status: 200, body: "/readyz verbose" });
  expect(got.headers).toMatchObject({
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  const head = await ask(port, "/readyz", "HEAD");
  expect(head).toMatchObject({ status: 200, body: "" });
  expect(head.headers["content-length"]).toBe("8");
});

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])(
  "refuses %s, and reaches no route",
  async (method) => {
    const { port } = await serve(async () => {
      throw new Error("reached");
    });
    const got = await ask(port, "/", method);
    expect(got).toMatchObject({ status: 405 });
    expect(got.headers["allow"]).toBe("GET, HEAD");
  },
);

test("refuses a body, headers of more than 8 KB, and what is not HTTP", async () => {
  const { port } = await serve();
  expect(await ask(port, "/", "GET", { "content-length": "3" }, "abc")).toMatchObject({ status: 413 });
  expect(await ask(port, "/", "GET", { "transfer-encoding": "chunked" }, "abc")).toMatchObject({ status: 413 });
  expect(await ask(port, "/", "GET", { "x-long": "x".repeat(9000) })).toMatchObject({ status: 431 });
  expect(await ask(port, `/${"x".repeat(9000)}`)).toMatchObject({ status: 431 });
  expect(await raw(port, "\u0016\u0003\u0001 hello\r\n\r\n")).toMatch(/^HTTP\/1.1 400 /);
});

test("a path is only a text: nothing is decoded, nothing is looked up", async () => {
  const { port } = await serve();
  const answer = await raw(port, "GET /../..%2f..%2fetc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(answer).toMatch(/\/\.\.\/\.\.%2f\.\.%2fetc\/passwd $/);
  const absolute = await raw(port, "GET http://other/livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(absolute).toMatch(/http:\/\/other\/livez $/);
});

test("a route that fails is a 500 without a word about why", async () => {
  const { port } = await serve(async () => {
    throw new Error("hunter2");
  });
  const got = await ask(port, "/");
  expect(got.status).toBe(500);
  expect(got.body).not.toContain("hunter2");
});

test("an address that is taken, or that is not ours, is named with the reason", async () => {
  const { port } = await serve();
  await expect(serveHttp("127.0.0.1", port, echo)).rejects.toMatchObject({
    code: "config-invalid",
    message: `KGSYNC_HTTP=127.0.0.1:${port}: another program listens there`,
  });
  await expect(serveHttp("192.0.2.1", 9465, echo)).rejects.toMatchObject({
    message: "KGSYNC_HTTP=192.0.2.1:9465: this machine has no such address",
  });
});

test("close ends a request that is not answered yet, and may be called twice", async () => {
  let asked = (): void => undefined;
  const first = new Promise<void>((resolve) => (asked = resolve));
  const { port, close } = await serve(() => {
    asked();
    return new Promise(() => undefined);
  });
  const ended = raw(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await first;
  close();
  close();
  expect(await ended).toBe("");
  await expect(ask(port, "/")).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
