import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { key } from "../../../src/core/key.ts";
import { gsStoreOn } from "../../support/gcs-double/gs-store-on.ts";
import { startGcsDouble } from "../../support/gcs-double/start-gcs-double.ts";
import { withGcsDouble } from "../../support/gcs-double/with-gcs-double.ts";
import { makeCertificate } from "../../support/make-certificate.ts";
import { startHttp } from "../../support/s3-double/start-http.ts";
import { tempDir } from "../../support/temp-dir.ts";

const GRAPH = key("graph.json");
const never = new AbortController().signal;

test("HTTP goes through the proxy, except where NO_PROXY says", async () => {
  const asked: string[] = [];
  const proxy = await startHttp(async (request, response) => {
    asked.push(request.url ?? "");
    const answer = await fetch(request.url ?? "");
    response.writeHead(answer.status, { "content-type": "application/xml" }).end(await answer.text());
  });
  onTestFinished(proxy.close);
  for (const NO_PROXY of ["", "127.0.0.1"]) {
    await withGcsDouble({ store: { proxyEnv: { HTTP_PROXY: proxy.url, NO_PROXY } } }, async (double, store) => {
      expect(await store.get(GRAPH, never)).toBeUndefined();
      expect(double.count("get")).toBe(1);
    });
    expect(asked).toEqual([expect.stringMatching(/^http:.*\/bucket\/graph\.json$/)]);
  }
});

test("a certificate that is not trusted: sure that nothing was sent, and the hint says where to name its authority", async () => {
  const tls = makeCertificate(tempDir());
  const double = await startGcsDouble({ tls });
  onTestFinished(double.close);
  const store = gsStoreOn(double.endpoint);
  const put = store.put(GRAPH, new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  const hint = expect.stringContaining("NODE_EXTRA_CA_CERTS");
  await expect(put).rejects.toMatchObject({ code: "bucket-unavailable", hint });
  store.close();
});

test("a server that takes the connection and never finishes TLS: given up after the time to connect", async () => {
  const mute = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void mute.close());
  const address = mute.address();
  const endpoint = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const store = gsStoreOn(endpoint, { connectTimeoutMs: 200 });
  const put = store.put(GRAPH, new Uint8Array(1), { mode: "create" }, { contentType: "a/b", metadata: {} }, never);
  await expect(put).rejects.toMatchObject({
    code: "bucket-unavailable",
    message: expect.stringContaining("no answer (ETIMEDOUT)"),
  });
  store.close();
});

test("connections are kept, and used again", async () => {
  await withGcsDouble({}, async (double, store) => {
    const seen = new Set<string>();
    for (let i = 0; i < 5; i++) await store.get(GRAPH, never);
    for (const { headers } of double.requests) seen.add(headers["connection"] ?? "");
    expect([...seen]).toEqual(["keep-alive"]);
    expect(double.connections()).toBe(1);
  });
});

test("a session's address may name another host: what is sent goes to ours", async () => {
  await withGcsDouble({ sessionHost: "https://storage.googleapis.com" }, async (double, store) => {
    const body = { size: 17 * 1024 * 1024, read: async (_: number, length: number) => Buffer.alloc(length) };
    const options = { contentType: "a/b", metadata: {} };
    expect((await store.put(GRAPH, body, { mode: "create" }, options, never)).outcome).toBe("stored");
    expect(double.objects.get(GRAPH)?.body).toHaveLength(body.size);
  });
});

test("a store's name says where it is, and at whose server", () => {
  expect(gsStoreOn("http://localhost:1/x", { prefix: "/a/b/" }).name).toBe("gs://bucket/a/b at http://localhost:1");
  expect(gsStoreOn("http://localhost:1", { endpoint: undefined }).name).toBe("gs://bucket");
});
