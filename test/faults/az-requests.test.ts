import { createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AzOptions } from "../../src/adapters/az-object-store/az-options.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key } from "../../src/core/key.ts";
import { etag } from "../../src/core/version.ts";
import type { ObjectStore, PutMode } from "../../src/ports/object-store.ts";
import { azStoreOn } from "../support/azure.ts";
import { startHttp } from "../support/s3-double/start-http.ts";
import { type AzAnswer, type AzScript, startAzScript } from "../support/start-az-script.ts";

const GRAPH = key("graph.json");
const OPTIONS = { contentType: "application/json", metadata: { "kgsync-write-id": "1" } };
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Ends the stalls; long enough that a server in the same process never seems to stall. */
const SILENCE_MS = 1_000;

const script = async (
  answers: readonly AzAnswer[],
  more: Partial<AzOptions> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly server: AzScript; readonly store: ObjectStore }> => {
  const server = await startAzScript(...answers);
  const store = azStoreOn("container", { ...server.env, ...env }, { prefix: "app", ...more });
  onTestFinished(async () => {
    store.close();
    await server.close();
  });
  return { server, store };
};

/** How a call ends: its outcome, or the code that it rejects with. */
const ending = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    (value) =>
      typeof value === "object" && value !== null && "outcome" in value ? String(value.outcome) : String(value),
    (error: unknown) => (error instanceof KgsyncError ? error.code : String(error)),
  );

const is = (status: number, code?: string): AzAnswer => ({ status, ...(code === undefined ? {} : { code }) });

describe.each(["create", "update", "overwrite"] as const)("%s", (kind) => {
  const mode: PutMode = kind === "update" ? { mode: kind, etag: etag('"0x1"') } : { mode: kind };
  const conditional = kind !== "overwrite";

  test.each<[AzAnswer, string]>([
    [{ status: 201, headers: { etag: '"0x2"' } }, "stored"],
    [is(201), "unknown"], // no ETag: stored, but as what?
    ["reset", "unknown"],
    ["silent", "unknown"],
    [is(500, "InternalError"), "unknown"],
    [is(500, "OperationTimedOut"), "unknown"],
    [is(503, "ServerBusy"), "unknown"],
    [is(429), "unknown"],
    [is(408), "unknown"],
    [is(412, "ConditionNotMet"), conditional ? "conflict" : "bucket-denied"],
    [is(412, "LeaseIdMissing"), "bucket-denied"],
    [is(409, "BlobAlreadyExists"), kind === "create" ? "conflict" : "bucket-denied"],
    [is(409, "BlobImmutableDueToPolicy"), "bucket-denied"],
    [is(409, "ContainerBeingDeleted"), "bucket-missing"],
    [is(404, "BlobNotFound"), kind === "update" ? "conflict" : "bucket-missing"],
    [is(404, "ContainerNotFound"), "bucket-missing"],
    [is(404), "bucket-missing"],
    [is(301), "bucket-missing"],
    [is(307), "bucket-missing"],
    [is(403, "AuthenticationFailed"), "bucket-denied"],
    [is(403, "AuthorizationPermissionMismatch"), "bucket-denied"],
    [is(401, "NoAuthenticationInformation"), "bucket-denied"],
    [is(400, "InvalidHeaderValue"), "bucket-denied"],
  ])("%j: %s, after one request", async (answer, expected) => {
    const limits = answer === "silent" ? { requestTimeoutMs: SILENCE_MS } : {};
    const { server, store } = await script([answer], limits);
    expect(await ending(store.put(GRAPH, bytes("{}"), mode, OPTIONS, never))).toBe(expected);
    expect(server.requests).toHaveLength(1);
    const { method, url, headers } = server.requests[0] ?? { method: "", url: "", headers: {} };
    expect(`${method} ${url}`).toBe("PUT /account/container/app/graph.json");
    expect(headers).toMatchObject({ "x-ms-blob-type": "BlockBlob", "x-ms-meta-kgsync_write_id": "1" });
    expect(headers["if-none-match"]).toBe(kind === "create" ? "*" : undefined);
    expect(headers["if-match"]).toBe(kind === "update" ? '"0x1"' : undefined);
  });

  test("nobody listens: it cannot have left, so it is an error", async () => {
    const { server, store } = await script([]);
    await server.close();
    await expect(store.put(GRAPH, bytes("{}"), mode, OPTIONS, never)).rejects.toMatchObject({
      code: "bucket-unavailable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });
});

describe("a large body", () => {
  const body = { size: 17 * 1024 * 1024, read: async (_: number, length: number) => new Uint8Array(length) };
  const put = (store: ObjectStore, signal = never) =>
    store.put(GRAPH, body, { mode: "update", etag: etag('"0x1"') }, OPTIONS, signal);
  const there: AzAnswer = { status: 200, headers: { etag: '"0x1"' } };
  const staged: AzAnswer = is(201);
  const committed: AzAnswer = { status: 201, headers: { etag: '"0x2"' } };

  test("is staged, and committed with the condition", async () => {
    const { server, store } = await script([there, staged, staged, staged, committed]);
    expect(await put(store)).toEqual({ outcome: "stored", etag: '"0x2"' });
    const last = server.requests.at(-1);
    expect(last?.url).toContain("comp=blocklist");
    expect(last?.headers).toMatchObject({ "if-match": '"0x1"', "x-ms-meta-kgsync_write_id": "1" });
    const blocks = server.requests.slice(1, 4);
    expect(new Set(blocks.map(({ url }) => new URL(url, "http://x").searchParams.get("blockid"))).size).toBe(3);
    for (const { headers } of blocks) expect(headers["if-match"]).toBeUndefined();
  });

  test("a version that has changed already costs one request", async () => {
    const { server, store } = await script([{ status: 200, headers: { etag: '"0x9"' } }]);
    expect(await put(store)).toEqual({ outcome: "conflict" });
    expect(server.requests).toHaveLength(1);
  });

  test("a block that fails is staged again; a commit is not sent again", async () => {
    const { server, store } = await script([there, is(503, "ServerBusy"), staged, staged, staged, "reset"]);
    expect(await ending(put(store))).toBe("unknown");
    expect(server.requests).toHaveLength(6);
  });

  test("a refused block ends it all, and is no unknown", async () => {
    const { store } = await script([there, is(403, "AuthorizationPermissionMismatch"), staged, staged]);
    expect(await ending(put(store))).toBe("bucket-denied");
  });

  test("another put has removed our blocks: looked at again, and told as what it is", async () => {
    const changed: AzAnswer = { status: 200, headers: { etag: '"0x9"' } };
    const { server, store } = await script([there, staged, staged, staged, is(400, "InvalidBlockList"), changed]);
    expect(await put(store)).toEqual({ outcome: "conflict" });
    expect(server.requests).toHaveLength(6);
  });
});

describe("reads", () => {
  test.each<[AzAnswer, string]>([
    [is(404, "BlobNotFound"), "undefined"],
    [is(404, "ContainerNotFound"), "bucket-missing"],
    [is(404), "bucket-missing"],
    [is(409, "BlobArchived"), "bucket-denied"],
    [is(500, "InternalError"), "bucket-unavailable"],
    ["reset", "bucket-unavailable"],
    ["silent", "bucket-unavailable"],
  ])("get and head, %j: %s", async (answer, expected) => {
    const limits = answer === "silent" ? { requestTimeoutMs: SILENCE_MS } : {};
    const { server, store } = await script([answer, answer, answer], limits);
    expect(await ending(store.get(GRAPH, never))).toBe(expected);
    expect(await ending(store.head(GRAPH, never))).toBe(expected);
    const deleted = expected === "undefined" ? "undefined" : expected;
    expect(await ending(store.delete(GRAPH, never))).toBe(deleted);
    expect(server.requests.map(({ method }) => method)).toEqual(["GET", "HEAD", "DELETE"]);
  });

  test("an answer that is cut short is no object, and not asked for again by itself", async () => {
    const { server, store } = await script(["cut"]);
    expect(await ending(store.get(GRAPH, never))).toBe("bucket-unavailable");
    expect(server.requests).toHaveLength(1);
  });

  test("an answer without an ETag is no object", async () => {
    const { store } = await script([{ status: 200, headers: { "content-length": "0" } }]);
    expect(await ending(store.head(GRAPH, never))).toBe("bucket-unavailable");
  });

  test("an abort ends a call that nobody answers", async () => {
    const { server, store } = await script(["silent", "silent"]);
    const abort = new AbortController();
    const calls = [
      store.get(GRAPH, abort.signal),
      store.put(GRAPH, bytes("{}"), { mode: "create" }, OPTIONS, abort.signal),
    ];
    const endings = calls.map(ending);
    await expect.poll(() => server.requests.length).toBe(2);
    abort.abort();
    expect(await Promise.all(endings)).toEqual(["bucket-unavailable", "unknown"]);
  });
});

describe("the way there", () => {
  /** Takes connections, and says nothing on them. */
  const silentServer = async (): Promise<{ readonly port: number; readonly taken: () => number }> => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    return { port: typeof address === "object" && address !== null ? address.port : 0, taken: () => sockets.length };
  };

  test("TLS that is never agreed upon ends by the limit to connect, and nothing has left", async () => {
    const { port, taken } = await silentServer();
    const env = { AZURE_STORAGE_SERVICE_ENDPOINT: `https://127.0.0.1:${port}/account` };
    const { store } = await script([], { connectTimeoutMs: SILENCE_MS }, env);
    const putting = store.put(GRAPH, bytes("{}"), { mode: "create" }, OPTIONS, never);
    await expect(putting).rejects.toMatchObject({
      code: "bucket-unavailable",
      message: expect.stringContaining("CONNECT_TIMEOUT"),
    });
    expect(taken()).toBe(1);
  });

  test("through the proxy, but not to hosts that go without", async () => {
    const asked: string[] = [];
    const proxy = await startHttp((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(404, { "x-ms-error-code": "BlobNotFound" }).end();
    });
    onTestFinished(proxy.close);
    const proxied = await script([], { proxyEnv: { HTTP_PROXY: proxy.url } });
    expect(await proxied.store.head(GRAPH, never)).toBeUndefined();
    expect(asked).toEqual([`http://127.0.0.1:${proxied.server.port}/account/container/app/graph.json`]);
    expect(proxied.server.requests).toEqual([]);
    const without = await script([is(404, "BlobNotFound")], {
      proxyEnv: { HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" },
    });
    expect(await without.store.head(GRAPH, never)).toBeUndefined();
    expect(without.server.requests).toHaveLength(1);
  });

  test("a connection is used again, with its limit still on it", async () => {
    const answers: AzAnswer[] = [is(404, "BlobNotFound"), is(404, "BlobNotFound"), "silent"];
    const { server, store } = await script(answers, { requestTimeoutMs: SILENCE_MS });
    for (let i = 0; i < 2; i++) expect(await store.get(GRAPH, never)).toBeUndefined();
    expect(await ending(store.get(GRAPH, never))).toBe("bucket-unavailable");
    expect(server.connections()).toBe(1);
  });
});

describe("what is said of a failure", () => {
  const told = async (answer: AzAnswer, env: Readonly<Record<string, string>> = {}): Promise<KgsyncError> => {
    const { store } = await script([answer], {}, env);
    const error: unknown = await store.get(GRAPH, never).catch((thrown: unknown) => thrown);
    if (!(error instanceof KgsyncError)) throw new Error("no KgsyncError", { cause: error });
    return error;
  };

  test.each<[string, RegExp]>([
    ["AuthenticationFailed", /key, SAS or token/],
    ["AuthorizationPermissionMismatch", /Storage Blob Data Contributor/],
    ["AuthorizationFailure", /network rules/],
    ["KeyBasedAuthenticationNotPermitted", /identity/],
  ])("%s: what to do about it", async (code, hint) => {
    const error = await told(is(403, code));
    expect(error.message).toMatch(
      /^container "container" at http:\/\/127\.0\.0\.1:\d+\/account: cannot get "graph\.json": answered 403 /,
    );
    expect(error.message).toContain(code);
    expect(error.hint).toMatch(hint);
  });

  test("a clock that is off by more than Azure takes is named as the cause", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const error = await told({ status: 403, code: "AuthenticationFailed", headers: { date } });
    expect(error.hint).toContain("clock");
  });

  test("a word that is none of Azure's is not repeated", async () => {
    const error = await told({ status: 403, headers: { "x-ms-error-code": "sig=secret value" } });
    expect(error.message).not.toContain("secret");
  });

  test.each([
    ["answered", is(403, "AuthenticationFailed")],
    ["reset", "reset" as const],
  ])("the SAS is in no message, hint or cause: %s", async (_, answer) => {
    const sas = "?sv=2026-10-06&sig=very%2Bsecret%3D&sp=rl";
    const error = await told(answer, { AZURE_STORAGE_KEY: "", AZURE_STORAGE_SAS_TOKEN: sas });
    const { message, hint, stack, cause } = error;
    const all = JSON.stringify([message, hint, stack, String(cause), Object.getOwnPropertyNames(cause), { ...error }]);
    expect(all).not.toMatch(/very|sig=/);
  });
});
