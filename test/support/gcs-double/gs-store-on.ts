import { createGsObjectStore } from "../../../src/adapters/gs-object-store/create-gs-object-store.ts";
import type { GsOptions } from "../../../src/adapters/gs-object-store/gs-options.ts";
import { createNodeRandom } from "../../../src/adapters/node-random.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import type { ObjectStore } from "../../../src/ports/object-store.ts";

/** Generous: a stalled request must end by these, but no test may fail because the machine is busy. */
const TEST_OPTIONS: GsOptions = {
  bucket: "bucket",
  prefix: "",
  anonymous: true,
  requestTimeoutMs: 20_000,
  connectTimeoutMs: 10_000,
  clock: createSystemClock(),
  random: createNodeRandom(),
};

/** The adapter on a server, by default without credentials. */
export const gsStoreOn = (endpoint: string, more: Partial<GsOptions> = {}): ObjectStore =>
  createGsObjectStore({ ...TEST_OPTIONS, endpoint, ...more });
