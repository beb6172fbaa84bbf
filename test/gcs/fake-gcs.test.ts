import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { objectStoreConformance } from "../conformance/object-store.ts";
import { gsStoreOn } from "../support/gcs-double/gs-store-on.ts";
import { type FakeGcs, startFakeGcs } from "../support/start-fake-gcs.ts";

/** Run by scripts/test-gcs.sh, which gets it. Without it, these tests fail. */
const path = process.env["KGSYNC_TEST_FAKE_GCS"] ?? "";
if (path === "") throw new Error("KGSYNC_TEST_FAKE_GCS is not set: run scripts/test-gcs.sh");

let server: FakeGcs;
beforeAll(async () => {
  server = await startFakeGcs(path);
});
afterAll(async () => await server.close());

objectStoreConformance("Google Cloud Storage, fake-gcs-server", async () => {
  const prefix = `conformance/${randomUUID()}`;
  return { open: () => gsStoreOn(server.endpoint, { prefix }) };
});
