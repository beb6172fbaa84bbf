import { cpSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createStoryPlace, graphOf } from "../support/story-place.ts";
import { tempDir } from "../support/temp-dir.ts";
import { useBundle } from "../support/use-bundle.ts";

const bin = useBundle();
const folder = (): string => dirname(bin());
const text = (name: string): string => readFileSync(join(folder(), name), "latin1");

/** Nobody listens there: a run comes as far as asking. */
const NOWHERE = {
  KGSYNC_BUCKET: "az://container/app",
  KGSYNC_START_TIMEOUT: "1s",
  AZURE_STORAGE_ACCOUNT: "account",
  AZURE_STORAGE_KEY: "c2VjcmV0",
  AZURE_STORAGE_SERVICE_ENDPOINT: "http://127.0.0.1:9/account",
  NODE_DEBUG: "kgsync",
};

test("a client that one kind of bucket needs lies in a file of its own, and is in no other", () => {
  const filesWith = (words: string): readonly string[] =>
    readdirSync(folder()).filter((name) => name.endsWith(".cjs") && text(name).includes(words));
  expect(filesWith("azsdk-js-azure-storage-blob")).toEqual(["az-object-store.cjs"]);
  expect(filesWith("WorkloadIdentityCredential=class")).toEqual(["az-identity.cjs"]);
});

test("its errors are kgsync's own, and its compiled code is kept", async () => {
  const place = createStoryPlace(bin);
  const first = place.start(["pull"], NOWHERE);
  expect((await first.ended).code).toBe(69); // an error that it did not know would be a defect, 70
  expect(first.err()).toContain("ECONNREFUSED");
  expect(first.err()).toMatch(/code cache \S+az-object-store\.\S+: absent/);
  const second = place.start(["pull"], NOWHERE);
  expect((await second.ended).code).toBe(69);
  expect(second.err()).toMatch(/code cache \S+az-object-store\.\S+: used/);
  expect(second.err()).not.toContain("az-identity");
});

test("every other kind of bucket does without the file", async () => {
  const without = join(tempDir(), "dist");
  const isDriver = (path: string): boolean => /-object-store\.|-identity\./.test(basename(path));
  cpSync(folder(), without, { recursive: true, filter: (path) => !isDriver(path) });
  const place = createStoryPlace(() => join(without, "kgsync.cjs"));
  const run = place.run({ save: graphOf("first") }, { NODE_DEBUG: "kgsync" });
  await run.waitForEvent("push.stored");
  run.signal("SIGTERM");
  expect(await run.ended).toEqual({ code: 143, signal: null });
  expect(run.err()).not.toContain("az-object-store");
});
