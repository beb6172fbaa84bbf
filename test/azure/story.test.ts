import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { ContainerClient } from "@azure/storage-blob";
import { beforeAll, describe, expect, test } from "vitest";
import { makeContainer } from "../support/azure.ts";
import type { RunningKgsync } from "../support/run-kgsync.ts";
import { startHttp } from "../support/s3-double/start-http.ts";
import { type Azurite, startAzurite } from "../support/start-azurite.ts";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { tempDir } from "../support/temp-dir.ts";
import { useBundle } from "../support/use-bundle.ts";
import { whenFileEnds } from "../support/when-file-ends.ts";

const bin = useBundle();
const whenFinished = whenFileEnds();

let server: Azurite;
let container: ContainerClient;
beforeAll(async () => {
  server = await startAzurite(whenFinished);
  container = await makeContainer(server.connection);
});

type Place = ReturnType<typeof createStoryPlace>;
type Env = Readonly<Record<string, string>>;

const bucketEnv = (prefix = randomUUID()): Env => ({
  ...server.env,
  KGSYNC_BUCKET: `az://${container.containerName}/${prefix}`,
});

const remote = async (env: Env, name = "knowledge_graph.json"): Promise<string | undefined> => {
  const prefix = new URL(env["KGSYNC_BUCKET"] ?? "").pathname.slice(1);
  const blob = container.getBlobClient(`${prefix}/${name}`);
  return (await blob.exists()) ? (await blob.downloadToBuffer()).toString() : undefined;
};

const services = (text: string | undefined): readonly string[] => Object.keys(JSON.parse(text ?? "{}").services).sort();
const save = (run: RunningKgsync, ...names: readonly string[]): void =>
  run.say(JSON.stringify({ save: graphOf(...names) }));

const stop = async (run: RunningKgsync): Promise<void> => {
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
};

/** As the image's first lines of the README have it: the sample, which adds a service and a backup, and ends by itself. */
const sample = (place: Place, env: Env): RunningKgsync =>
  place.start(
    [
      "run",
      "--",
      process.execPath,
      join(import.meta.dirname, "../../scripts/sample-app.ts"),
      "--every",
      "50",
      "--count",
      "2",
    ],
    env,
  );

test("the whole sample: a first start, a stop that saves, and a second start on an empty disk", async () => {
  const env = bucketEnv();
  const first = createStoryPlace(bin);
  const run = sample(first, env);
  expect(await run.ended).toEqual({ code: 0, signal: null });
  expect(services(first.local()).filter((name) => name.startsWith("sample"))).toHaveLength(2);
  expect(services(await remote(env))).toEqual(services(first.local())); // a new date alone is not worth a version
  const backups = first.filesBelow(first.backups);
  expect(backups.length).toBeGreaterThan(0);
  for (const name of backups) expect(await remote(env, `backups/${name}`)).toBeDefined();

  const second = createStoryPlace(bin);
  const pulled = second.start(["pull"], env);
  expect(await pulled.ended).toEqual({ code: 0, signal: null });
  expect(second.local()).toBe(await remote(env));
  expect(second.filesBelow(second.backups)).toEqual(backups);
  expect((await sample(second, env).ended).code).toBe(0);
  expect(services(await remote(env)).filter((name) => name.startsWith("sample"))).toHaveLength(4);
  expect(run.err()).not.toContain(server.env["AZURE_STORAGE_KEY"]);
});

test("two apps at once: each saves what it holds, and the container gets both", async () => {
  const env = bucketEnv();
  const [one, two] = [createStoryPlace(bin), createStoryPlace(bin)];
  const first = one.run({ save: graphOf("first") }, env);
  await first.waitForEvent("push.stored");
  const second = two.run({}, env);
  await second.waitForLine(/app: ready/);
  expect(services(two.local())).toEqual(["first"]);
  save(first, "first", "one");
  await first.waitForEvent("push.stored", 2);
  save(second, "first", "two"); // it has never heard of `one`
  await second.waitForEvent("merge.done");
  await second.waitForEvent("push.stored");
  expect(services(await remote(env))).toEqual(["first", "one", "two"]);
  for (const run of [second, first]) await stop(run);
  expect(services(await remote(env))).toEqual(["first", "one", "two"]);
});

test("a large graph comes down, stays as it is, and goes up when it has changed", async () => {
  const env = bucketEnv();
  const rows = Array.from({ length: 40 }, () => "x".repeat(2 ** 20)); // 40 MiB: more than is kept in memory
  const large = (name: string): string =>
    JSON.stringify({ ...JSON.parse(graphOf(name)), repository_structure: { rows } });
  const [one, two] = [createStoryPlace(bin), createStoryPlace(bin)];
  const expectDone = async (place: Place, command: string): Promise<void> =>
    expect((await place.start([command], env).ended).code).toBe(0);
  one.setLocal(large("alpha"));
  await expectDone(one, "push");
  for (let n = 0; n < 2; n++) await expectDone(two, "pull");
  expect(two.local() === large("alpha")).toBe(true);
  two.setLocal(large("beta"));
  await expectDone(two, "push");
  expect((await remote(env)) === large("beta")).toBe(true);
  await expectDone(one, "pull");
  expect(one.local() === large("beta")).toBe(true);
});

test("the lease keeps a second writer out", async () => {
  const env = { ...bucketEnv(), KGSYNC_LEASE: "on" };
  const first = createStoryPlace(bin).run({ save: graphOf("first") }, env);
  await first.waitForEvent("push.stored");
  const second = createStoryPlace(bin).run({}, { ...env, KGSYNC_ON_LEASE_BUSY: "fail" });
  expect((await second.ended).code).toBe(75);
  await stop(first);
});

test("doctor finds all well, tries the container's conditions and says how it got in", async () => {
  const place = createStoryPlace(bin);
  const run = place.start(["doctor", "--json"], bucketEnv());
  expect((await run.ended).code).toBe(0);
  const findings: readonly { check: string; status: string; saw: string }[] = JSON.parse(run.out()).findings;
  const saw = (check: string) => findings.find((finding) => finding.check === check);
  expect(saw("credentials")).toMatchObject({ status: "ok", saw: "the account's key in AZURE_STORAGE_KEY" });
  expect(saw("network.tls")?.saw).toContain("it does not leave this host");
  expect(findings.filter(({ check, status }) => check.startsWith("bucket.") && status === "problem")).toEqual([]);
});

test("a container that is not there, and no account: the exit codes of a configuration that is wrong", async () => {
  const place = createStoryPlace(bin);
  const missing = place.start(["pull"], { ...server.env, KGSYNC_BUCKET: "az://kgsync-none/x" });
  expect((await missing.ended).code).toBe(78);
  expect(missing.err()).toContain("ContainerNotFound");
  const nobody = place.start(["pull"], { KGSYNC_BUCKET: "az://kgsync-none/x" });
  expect((await nobody.ended).code).toBe(78);
  expect(nobody.err()).toContain("AZURE_STORAGE_ACCOUNT");
});

describe("an identity", () => {
  /** A token as Azurite looks at it: by its claims, not its signature. */
  const token = (): string => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: "https://storage.azure.com",
      iss: "https://sts.windows.net/t/",
      iat: now,
      nbf: now - 60,
      exp: now + 3600,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.c2lnbmF0dXJl`;
  };

  test("a managed identity's token, over TLS with an authority of one's own", async () => {
    const folder = tempDir(whenFinished);
    const [certificate, privateKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-keyout",
      privateKey,
      "-out",
      certificate,
    ];
    execFileSync("openssl", [...made, ...subject], { stdio: "ignore" });
    const secure = await startAzurite(whenFinished, ["--oauth", "basic", "--cert", certificate, "--key", privateKey]);
    const asked: string[] = [];
    const given = token();
    const identity = await startHttp((request, response) => {
      asked.push(`${request.headers["x-identity-header"]} ${request.url}`);
      const expires = Math.floor(Date.now() / 1000) + 3600;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: given, expires_on: expires, resource: "x", token_type: "Bearer" }));
    });
    whenFinished(identity.close);
    const env = {
      KGSYNC_BUCKET: "az://by-identity/app",
      AZURE_STORAGE_ACCOUNT: "devstoreaccount1",
      AZURE_STORAGE_SERVICE_ENDPOINT: secure.endpoint,
      AZURE_LOG_LEVEL: "verbose", // which would write to stderr
      NODE_EXTRA_CA_CERTS: certificate,
      IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
      IDENTITY_HEADER: "the-identity-header",
    };
    const place = createStoryPlace(bin);
    const untrusted = place.start(["pull"], { ...env, NODE_EXTRA_CA_CERTS: "", KGSYNC_START_TIMEOUT: "1s" });
    expect((await untrusted.ended).code).toBe(69);
    expect(untrusted.err()).toContain("NODE_EXTRA_CA_CERTS");
    // The container is made by the first that is let in.
    const missing = place.start(["pull"], env);
    expect((await missing.ended).code).toBe(78);
    expect(missing.err()).toContain("ContainerNotFound");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked[0]).toMatch(/^the-identity-header .*resource=https%3A%2F%2Fstorage\.azure\.com/i);
    for (const text of [missing.err(), untrusted.err()]) {
      expect(text).not.toContain(given);
      expect(text).not.toMatch(/^azure:/m);
    }
  });

  test("its service says nothing: given up when the time for the start is over", async () => {
    const asked: string[] = [];
    const identity = await startHttp((request) => void asked.push(request.url ?? ""));
    whenFinished(identity.close);
    const run = createStoryPlace(bin).start(["pull"], {
      KGSYNC_BUCKET: "az://container/app",
      KGSYNC_START_TIMEOUT: "2s",
      AZURE_STORAGE_ACCOUNT: "account",
      IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
      IDENTITY_HEADER: "the-identity-header",
    });
    expect((await run.ended).code).toBe(69);
    expect(asked.length).toBeGreaterThan(0);
  });

  test("none to be had: denied, and told what to set", async () => {
    const identity = await startHttp((_, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ statusCode: 400, message: "no identity of that name" }));
    });
    whenFinished(identity.close);
    const run = createStoryPlace(bin).start(["pull"], {
      KGSYNC_BUCKET: "az://container/app",
      AZURE_STORAGE_ACCOUNT: "account",
      IDENTITY_ENDPOINT: `${identity.url}/msi/token`,
      IDENTITY_HEADER: "the-identity-header",
    });
    expect((await run.ended).code).toBe(77);
    expect(run.err()).toContain("no usable credentials");
  });
});
