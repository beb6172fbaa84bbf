import { createCreateOnlyObjectStore } from "../../src/adapters/create-only-object-store/create-only-object-store.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";

/** A store that only creates, with all keys kept as versions, so that the whole conformance suite holds for them. */
export const createOnlyOn = (inner: ObjectStore, keptAs: "mirrored" | "bare"): ObjectStore =>
  createCreateOnlyObjectStore(inner, {
    keptAs: () => keptAs,
    mayHold: () => true,
    random: createNodeRandom(),
    sha256: nodeSha256,
  });
