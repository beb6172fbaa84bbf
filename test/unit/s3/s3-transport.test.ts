import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createS3ObjectStore } from "../../../src/adapters/s3-object-store/create-s3-object-store.ts";
import { key } from "../../../src/core/key.ts";
import { startHttp } from "../../support/s3-double/start-http.ts";
import { type S3Double, startS3Double } from "../../support/s3-double/start-s3-double.ts";
import { storeOn, TEST_OPTIONS } from "../../support/s3-double/store-on.ts";
import { tempDir } from "../../support/temp-dir.ts";

const OPENSSL = "openssl"; // of the system: Node makes keys, but no certificates
const never = new AbortController().signal;
const GRAPH = key("graph.json");

let cert: string;
let secure: S3Double;

beforeEach(async () => {
  const dir = await tempDir();
  const [keyFile, certFile] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync(OPENSSL, ["req", "-x509", ...kind, "-keyout", keyFile, "-out", certFile, ...subject], {
    stdio: "pipe",
  });
  cert = readFileSync(certFile, "utf8");
  secure = await startS3Double({ tls: { key: readFileSync(keyFile, "utf8"), cert } });
});
afterEach(async () => {
  await secure.close();
});

/** A proxy that tunnels everything to the secure double, whatever it was asked for, and tells what that was. */
const startTunnel = async () => {
  const targets: string[] = [];
  const proxy = await startHttp((_, response) => response.writeHead(500).end());
  proxy.server.on("connect", (request, socket) => {
    targets.push(request.url ?? "");
    const upstream = connect(Number(new URL(secure.endpoint).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const each of [upstream, socket]) each.on("error", () => upstream.destroy());
    upstream.on("close", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
  });
  return { ...proxy, targets };
};

test("a private certificate authority is trusted when it is named, and the hint says how when not", async () => {
  const trusting = storeOn(secure.endpoint, { caBundle: cert });
  expect(await trusting.get(GRAPH, never)).toBeUndefined();
  trusting.close();
  const plain = storeOn(secure.endpoint);
  const put = plain.put(GRAPH, new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  await expect(put).rejects.toMatchObject({ code: "bucket-unavailable", hint: expect.stringMatching(/AWS_CA_BUNDLE/) });
  plain.close();
});

test("HTTPS goes through the proxy's tunnel, with the private authority, except where NO_PROXY says", async () => {
  const tunnel = await startTunnel();
  const proxied = storeOn(secure.endpoint, { caBundle: cert, proxyEnv: { https_proxy: tunnel.url } });
  expect(await proxied.get(GRAPH, never)).toBeUndefined();
  proxied.close();
  expect(tunnel.targets).toEqual([new URL(secure.endpoint).host]);
  const proxyEnv = { HTTPS_PROXY: tunnel.url, NO_PROXY: "127.0.0.1" };
  const direct = storeOn(secure.endpoint, { caBundle: cert, proxyEnv });
  expect(await direct.get(GRAPH, never)).toBeUndefined();
  direct.close();
  expect(tunnel.targets).toHaveLength(1);
  await tunnel.close();
});

test("HTTP goes through the proxy", async () => {
  const double = await startS3Double();
  const asked: string[] = [];
  const proxy = await startHttp(async (request, response) => {
    asked.push(request.url ?? "");
    const answer = await fetch(request.url ?? "", { headers: { authorization: request.headers.authorization ?? "" } });
    response.writeHead(answer.status, { "content-type": "application/xml" }).end(await answer.text());
  });
  const store = storeOn(double.endpoint, { proxyEnv: { HTTP_PROXY: proxy.url } });
  expect(await store.get(GRAPH, never)).toBeUndefined();
  store.close();
  expect(asked).toEqual([expect.stringMatching(`^${double.endpoint}/bucket/graph.json`)]);
  await proxy.close();
  await double.close();
});

test("a proxy that refuses the tunnel: nothing was written, for certain", async () => {
  const proxy = await startHttp((_, response) => response.end());
  proxy.server.on("connect", (_, socket) => void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"));
  const store = storeOn(secure.endpoint, { caBundle: cert, proxyEnv: { HTTPS_PROXY: proxy.url } });
  const put = store.put(GRAPH, new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  await expect(put).rejects.toMatchObject({ code: "bucket-unavailable" });
  store.close();
  await proxy.close();
});

test("without an endpoint it is AWS: the bucket in the host, in the configured region", async () => {
  const tunnel = await startTunnel();
  const proxyEnv = { HTTPS_PROXY: tunnel.url };
  const store = createS3ObjectStore({ ...TEST_OPTIONS, region: "eu-west-1", proxyEnv });
  expect(store.name).toBe("s3://bucket");
  // What answers at the tunnel's end has no certificate for that name, so no key is ever sent to it.
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({ code: "bucket-unavailable" });
  expect(tunnel.targets).toEqual(["bucket.s3.eu-west-1.amazonaws.com:443"]);
  expect(secure.requests).toEqual([]);
  store.close();
  await tunnel.close();
});

test("a tunnel that does not open is given up in time, and its socket is closed", async () => {
  const proxy = await startHttp(() => undefined);
  const closed = Promise.withResolvers<void>();
  proxy.server.on("connect", (_, socket) => {
    socket.resume(); // and never answers
    socket.on("end", () => socket.end(closed.resolve));
  });
  const store = storeOn(secure.endpoint, {
    connectTimeoutMs: 500,
    requestTimeoutMs: 3_600_000, // not what ends it
    proxyEnv: { HTTPS_PROXY: proxy.url },
  });
  const put = store.put(GRAPH, new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  await expect(put).rejects.toMatchObject({ code: "bucket-unavailable" });
  store.close();
  await closed.promise;
  await proxy.close();
});
