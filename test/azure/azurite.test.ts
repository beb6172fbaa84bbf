import { randomUUID } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import { beforeAll } from "vitest";
import { objectStoreConformance } from "../conformance/object-store.ts";
import { azStoreOn, makeContainer } from "../support/azure.ts";

/** Against Azurite, or an account: run by scripts/test-azure.sh. Without one, these tests fail. */
const connection = process.env["AZURE_STORAGE_CONNECTION_STRING"] ?? "";
if (connection === "") throw new Error("AZURE_STORAGE_CONNECTION_STRING is not set: run scripts/test-azure.sh");
const env = { AZURE_STORAGE_CONNECTION_STRING: connection };

let container: ContainerClient;
beforeAll(async () => {
  container = await makeContainer(connection);
});

objectStoreConformance("Azure, a real server", async () => {
  const prefix = `conformance/${randomUUID()}`;
  return { open: () => azStoreOn(container.containerName, env, { prefix }) };
});
