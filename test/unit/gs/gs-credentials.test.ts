import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { key } from "../../../src/core/key.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";
import { gsStoreOn } from "../../support/gcs-double/gs-store-on.ts";
import { type GcsDouble, startGcsDouble } from "../../support/gcs-double/start-gcs-double.ts";
import { writeServiceAccount } from "../../support/gcs-double/write-service-account.ts";
import { tempDir } from "../../support/temp-dir.ts";

const GRAPH = key("graph.json");
const never = new AbortController().signal;
const unauthenticated: readonly string[] = [
  "GOOGLE_APPLICATION_CREDENTIALS",
  "CLOUDSDK_CONFIG",
  "GCE_METADATA_HOST",
  "GCE_METADATA_IP",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "https_proxy",
  "http_proxy",
];

let double: GcsDouble;
let store: ObjectStore;
let folder: string;
let warned: readonly unknown[];
beforeEach(async () => {
  folder = tempDir();
  for (const name of unauthenticated) vi.stubEnv(name, undefined);
  vi.stubEnv("HOME", folder);
  warned = (["warn", "info", "log", "error"] as const).map((name) => vi.spyOn(console, name));
  double = await startGcsDouble({ tokens: true });
  store = gsStoreOn(double.endpoint, { anonymous: false });
  double.put(GRAPH, "{}");
});
afterEach(async () => {
  for (const spy of warned) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  store.close();
  await double.close();
});

const write = (name: string, value: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
};
const denied = { name: "KgsyncError", code: "bucket-denied", message: expect.stringContaining("credentials") };

test("a service account's file, by the token server that it names; one token for many requests", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", writeServiceAccount(join(folder, "account.json"), double.endpoint));
  for (let i = 0; i < 3; i++) expect((await store.get(GRAPH, never))?.size).toBe(2);
  expect(double.count("token")).toBe(1);
  const asked = new URLSearchParams(double.requests[0]?.body.toString());
  const claims = JSON.parse(Buffer.from(asked.get("assertion")?.split(".")[1] ?? "", "base64url").toString());
  expect(claims).toMatchObject({
    aud: `${double.endpoint}/token`,
    iss: "kgsync@project.iam.gserviceaccount.com",
    scope: "https://www.googleapis.com/auth/devstorage.read_write",
  });
});

test("workload identity federation: a token from a file, exchanged at a token server", async () => {
  write("token", "the-pod's-token");
  const source = { file: join(folder, "token"), format: { type: "text" } };
  const config = {
    type: "external_account",
    audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/cluster",
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${double.endpoint}/token`,
    credential_source: source,
  };
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", write("federation.json", config));
  expect((await store.get(GRAPH, never))?.size).toBe(2);
  expect(new URLSearchParams(double.requests[0]?.body.toString()).get("subject_token")).toBe("the-pod's-token");
});

test("gcloud's login, where nothing is named", async () => {
  mkdirSync(join(folder, ".config/gcloud"), { recursive: true });
  const login = { type: "authorized_user", client_id: "id", client_secret: "secret", refresh_token: "refresh" };
  write(".config/gcloud/application_default_credentials.json", login);
  // its token server is Google's own: that it is asked is all that can be seen from here
  const proxied: string[] = [];
  const proxy = createServer().on("connect", (request, socket) => {
    proxied.push(request.url ?? "");
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  vi.stubEnv("HTTPS_PROXY", `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({ name: "KgsyncError" });
  expect(proxied).toContain("oauth2.googleapis.com:443");
});

test("the metadata server of GKE and Compute Engine, where there is no file", async () => {
  vi.stubEnv("GCE_METADATA_HOST", new URL(double.endpoint).host);
  expect((await store.get(GRAPH, never))?.size).toBe(2);
  expect(double.count("metadata-token")).toBe(1);
  expect(double.requests[0]?.headers["metadata-flavor"]).toBe("Google");
});

test("a token that was revoked is replaced, and the request sent once more, also a conditional put", async () => {
  vi.stubEnv("GCE_METADATA_HOST", new URL(double.endpoint).host);
  await store.get(GRAPH, never);
  double.revokeTokens();
  const options = { contentType: "text/plain", metadata: {} };
  const answer = await store.put(key("new"), Buffer.from("x"), { mode: "create" }, options, never);
  expect(answer.outcome).toBe("stored");
  expect(double.count("put")).toBe(2);
  double.faults.add({ operation: "get" }, { kind: "status", status: 401, code: "authError" }, 2);
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({ code: "bucket-denied" });
  double.faults.expectAllPlayed();
});

test("a file that is replaced after a refusal is read again", async () => {
  const path = write("account.json", "not JSON");
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", path);
  await expect(store.get(GRAPH, never)).rejects.toMatchObject(denied);
  writeServiceAccount(path, double.endpoint);
  double.faults.add({ operation: "token" }, { kind: "status", status: 400, code: "invalid_grant" });
  await expect(store.get(GRAPH, never)).rejects.toMatchObject(denied);
  expect((await store.get(GRAPH, never))?.size).toBe(2);
});

test("no file where one is named: denied, with what to set, and nothing of it is quoted", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "absent.json"));
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({
    ...denied,
    hint: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
  });
  expect(double.requests).toHaveLength(0);
});

test("a token server that does not answer: unavailable, and the signal ends the waiting", async () => {
  vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", writeServiceAccount(join(folder, "account.json"), double.endpoint));
  const abort = new AbortController();
  double.faults.add({ operation: "token" }, { kind: "first", run: () => abort.abort() });
  const stopped = { name: "KgsyncError", code: "bucket-unavailable" };
  await expect(store.get(GRAPH, abort.signal)).rejects.toMatchObject(stopped);
  expect(double.count("get")).toBe(0);
});

test("a metadata server that nobody answers for: unavailable, with what to set instead", async () => {
  const gone = await startGcsDouble();
  await gone.close();
  vi.stubEnv("GCE_METADATA_HOST", new URL(gone.endpoint).host);
  await expect(store.get(GRAPH, never)).rejects.toMatchObject({
    code: "bucket-unavailable",
    message: expect.stringContaining("no credentials yet"),
    hint: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
  });
});
