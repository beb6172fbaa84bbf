import { randomUUID } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import { beforeAll, expect, test } from "vitest";
import type { AzOptions } from "../../src/adapters/az-object-store/az-options.ts";
import { KgsyncError } from "../../src/core/errors.ts";
import { key, parseKey } from "../../src/core/key.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import { objectStoreConformance } from "../conformance/object-store.ts";
import { azStoreOn, makeContainer } from "../support/azure.ts";
import { type Azurite, startAzurite } from "../support/start-azurite.ts";
import { whenFileEnds } from "../support/when-file-ends.ts";

const JSON_PUT = { contentType: "application/json", metadata: { "kgsync-write-id": "1" } };
const never = new AbortController().signal;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const whenFinished = whenFileEnds();

let server: Azurite;
let container: ContainerClient;
beforeAll(async () => {
  server = await startAzurite(whenFinished);
  container = await makeContainer(server.connection);
});

const open = (more: Partial<AzOptions> = {}, env = server.env): ObjectStore =>
  azStoreOn(container.containerName, env, { prefix: randomUUID(), ...more });

const names = async (store: ObjectStore): Promise<string[]> => {
  const found: string[] = [];
  for await (const { name } of store.list("", never)) found.push(name);
  return found;
};

objectStoreConformance("Azure, Microsoft's emulator", async () => {
  const prefix = `conformance/${randomUUID()}`;
  return { open: () => open({ prefix }) };
});

test("a container that does not exist is told from an absent key, for every call", async () => {
  const store = open({ container: "kgsync-none" });
  const missing = { code: "bucket-missing", hint: expect.stringContaining("az storage container create") };
  const name = key("graph.json");
  await expect(store.get(name, never)).rejects.toMatchObject(missing);
  await expect(store.head(name, never)).rejects.toMatchObject(missing);
  await expect(store.delete(name, never)).rejects.toMatchObject(missing);
  await expect(names(store)).rejects.toMatchObject(missing);
  for (const mode of [{ mode: "create" }, { mode: "overwrite" }] as const)
    await expect(store.put(name, bytes("{}"), mode, JSON_PUT, never)).rejects.toMatchObject(missing);
  store.close();
});

test("a wrong key, and a SAS that is made up, are denied, not absent, and not told", async () => {
  const wrong = Buffer.from("a wrong key of the right length.").toString("base64");
  const sas = "sv=2026-06-06&ss=b&srt=sco&sp=rwdlc&se=2030-01-01T00:00:00Z&sig=bWFkZSB1cA%3D%3D";
  for (const own of [{ AZURE_STORAGE_KEY: wrong }, { AZURE_STORAGE_KEY: "", AZURE_STORAGE_SAS_TOKEN: sas }]) {
    const store = open({}, { ...server.env, ...own });
    const failure: unknown = await store.get(key("graph.json"), never).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "bucket-denied" });
    if (!(failure instanceof KgsyncError)) throw new Error("not ours");
    expect(`${failure.message}${failure.hint}${failure.stack}${failure.cause}`).not.toMatch(/bWFkZSB1|d3Jvbmcga2V5/);
    store.close();
  }
});

test("a SAS of the container is enough for all that a run does", async () => {
  const { ContainerSASPermissions } = await import("@azure/storage-blob");
  const permissions = ContainerSASPermissions.parse("rcwdl");
  const url = await container.generateSasUrl({ permissions, expiresOn: new Date(Date.now() + 3_600_000) });
  const sas = { ...server.env, AZURE_STORAGE_KEY: "", AZURE_STORAGE_SAS_TOKEN: new URL(url).search };
  const store = open({}, sas);
  const name = key("graph.json");
  const first = await store.put(name, bytes("{}"), { mode: "create" }, JSON_PUT, never);
  if (first.outcome !== "stored") throw new Error("not stored");
  const update = { mode: "update", etag: first.etag } as const;
  expect(await store.put(name, bytes("{ }"), update, JSON_PUT, never)).toMatchObject({ outcome: "stored" });
  expect(await store.put(name, bytes("{  }"), update, JSON_PUT, never)).toEqual({ outcome: "conflict" });
  expect(await names(store)).toEqual(["graph.json"]);
  expect(await store.get(name, never)).toMatchObject({ body: bytes("{ }"), metadata: JSON_PUT.metadata });
  await store.delete(name, never);
  expect(await store.head(name, never)).toBeUndefined();
  store.close();
});

test("the names of blobs, their type and metadata are what any client sees", async () => {
  const store = open({ prefix: "seen/by others" });
  const name = "ä+b c%41&=?.json";
  const theirs = container.getBlockBlobClient(`seen/by others/${name}`);
  await theirs.upload("theirs", 6, { metadata: { Some_Name: "b" } });
  expect(await names(store)).toEqual([name]);
  const found = await store.get(parseKey(name) ?? key("x"), never);
  expect(found).toMatchObject({ metadata: { "some-name": "b" }, body: bytes("theirs") });
  await store.put(key("ours.json"), bytes("{}"), { mode: "create" }, JSON_PUT, never);
  const seen = await container.getBlobClient("seen/by others/ours.json").getProperties();
  expect(seen).toMatchObject({ contentType: "application/json", metadata: { kgsync_write_id: "1" } });
  store.close();
});

test("the folders of a hierarchical namespace are no objects", async () => {
  const store = open({ prefix: "tree" });
  await container.getBlockBlobClient("tree/backups").upload("", 0, { metadata: { hdi_isfolder: "true" } });
  await container.getBlockBlobClient("tree/backups/one").upload("1", 1);
  expect(await names(store)).toEqual(["backups/one"]);
  store.close();
});

test("two large creates at once: one is stored whole, the blocks of the other do not get into it", async () => {
  const size = 20 * 1024 * 1024;
  const filled = (value: number) => ({
    size,
    read: async (_: number, length: number) => new Uint8Array(length).fill(value),
  });
  const prefix = randomUUID();
  const put = (value: number) => open({ prefix }).put(key("large"), filled(value), { mode: "create" }, JSON_PUT, never);
  const outcomes = (await Promise.all([put(1), put(2), put(3)])).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === "stored")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "conflict")).toHaveLength(2);
  const winner = outcomes.indexOf("stored") + 1;
  const found = await open({ prefix }).get(key("large"), never);
  expect(found?.size).toBe(size);
  expect(found?.body.every((byte) => byte === winner)).toBe(true);
});

test("an upload that is aborted leaves nothing that anybody sees", async () => {
  const store = open();
  const abort = new AbortController();
  const size = 40 * 1024 * 1024;
  const body = {
    size,
    read: async (offset: number, length: number) => {
      if (offset > size / 2) abort.abort();
      return new Uint8Array(length);
    },
  };
  const answer = store.put(key("large"), body, { mode: "create" }, JSON_PUT, abort.signal);
  await expect(answer).rejects.toMatchObject({ code: "bucket-unavailable" });
  expect(await store.head(key("large"), never)).toBeUndefined();
  expect(await names(store)).toEqual([]);
  store.close();
});
