import { createAutoModeObjectStore } from "../../adapters/auto-mode-object-store.ts";
import { nodeSha256 } from "../../adapters/node-sha256.ts";
import { LEASE_KEY } from "../../app/lease-object.ts";
import type { Config } from "../../config/schema.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";
import { graphOf } from "../resolve-paths.ts";

type Settings = Pick<Config, "s3Conditions" | "graph" | "include" | "cwd">;

/** The keys of the documents, which are updated. A set's files are only created. */
const documentKeys = (settings: Settings): ReadonlySet<string> =>
  new Set([
    graphOf(settings).key,
    ...(settings.include ?? []).flatMap(({ name, mode }) => (mode === "immutable-set" ? [] : [name])),
  ]);

/** Updates as KGSYNC_S3_CONDITIONS says: by `If-Match`, or by versions that are only ever created. */
export const withS3Conditions = async (
  store: ObjectStore,
  settings: Settings,
  random: Pick<Random, "id">,
): Promise<ObjectStore> => {
  const documents = documentKeys(settings);
  if (settings.s3Conditions === "auto") return createAutoModeObjectStore(store, documents);
  const { createCreateOnlyObjectStore } = await import(
    "../../adapters/create-only-object-store/create-only-object-store.ts"
  );
  return createCreateOnlyObjectStore(store, {
    keptAs: (key) => (documents.has(key) ? "mirrored" : key === LEASE_KEY ? "bare" : undefined),
    mayHold: (prefix) => [...documents, LEASE_KEY].some((key) => key.startsWith(prefix)),
    random,
    sha256: nodeSha256,
  });
};
