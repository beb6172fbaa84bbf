import { createAutoModeObjectStore } from "../../adapters/auto-mode-object-store.ts";
import { nodeSha256 } from "../../adapters/node-sha256.ts";
import { GRAPH_KEY } from "../../app/keys.ts";
import { LEASE_KEY } from "../../app/lease-object.ts";
import type { Config } from "../../config/schema.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";

/** How each key is kept that is ever updated. All others are only created, or are one writer's own. */
const KEPT_AS: ReadonlyMap<string, "mirrored" | "bare"> = new Map([
  [GRAPH_KEY, "mirrored"],
  [LEASE_KEY, "bare"],
]);

/** Updates as KGSYNC_S3_CONDITIONS says: by `If-Match`, or by versions that are only ever created. */
export const withS3Conditions = async (
  store: ObjectStore,
  { s3Conditions }: Pick<Config, "s3Conditions">,
  random: Pick<Random, "id">,
): Promise<ObjectStore> => {
  if (s3Conditions === "auto") return createAutoModeObjectStore(store, GRAPH_KEY);
  const { createCreateOnlyObjectStore } = await import(
    "../../adapters/create-only-object-store/create-only-object-store.ts"
  );
  return createCreateOnlyObjectStore(store, {
    keptAs: (key) => KEPT_AS.get(key),
    mayHold: (prefix) => [...KEPT_AS.keys()].some((key) => key.startsWith(prefix)),
    random,
    sha256: nodeSha256,
  });
};
