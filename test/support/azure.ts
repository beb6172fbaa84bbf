import { randomUUID } from "node:crypto";
import { ContainerClient } from "@azure/storage-blob";
import type { AzOptions } from "../../src/adapters/az-object-store/az-options.ts";
import { createAzObjectStore } from "../../src/adapters/az-object-store/create-az-object-store.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";

type Env = Readonly<Record<string, string>>;

/** Generous: a stalled request must end by these, but no test may fail because the machine is busy. */
export const AZ_TEST_OPTIONS: Omit<AzOptions, "account" | "container"> = {
  prefix: "",
  requestTimeoutMs: 20_000,
  connectTimeoutMs: 10_000,
  clock: createSystemClock(),
  random: createNodeRandom(),
};

/** The adapter on a container. */
export const azStoreOn = (container: string, env: Env, more: Partial<AzOptions> = {}): ObjectStore =>
  createAzObjectStore({ ...AZ_TEST_OPTIONS, container, ...more }, env);

/** A new container of the account, by the SDK alone. */
export const makeContainer = async (connection: string): Promise<ContainerClient> => {
  const client = new ContainerClient(connection, `kgsync-test-${randomUUID()}`);
  await client.create();
  return client;
};
