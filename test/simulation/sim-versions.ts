import { parseMirrorMark, parseVersionMark, shortOf } from "../../src/adapters/create-only-object-store/chain-mark.ts";
import { parseChainName } from "../../src/adapters/create-only-object-store/chain-name.ts";
import { createCreateOnlyObjectStore } from "../../src/adapters/create-only-object-store/create-only-object-store.ts";
import type { MemoryBucket } from "../../src/adapters/memory-object-store.ts";
import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";

const MIRRORED = "knowledge_graph.json";
const PROBE = ".kgsync/probe";
const BARE = ".kgsync/lease.json";

/** Whose version an object is, if it is one. */
export const versionOf = (name: string): string | undefined => parseChainName(name)?.of;

let ids = 0;

/** KGSYNC_S3_CONDITIONS=create-only, on a store that refuses every update. */
export const createOnlyOn = (store: ObjectStore): ObjectStore =>
  createCreateOnlyObjectStore(
    {
      ...store,
      put: async (key, body, mode, options, signal) => {
        if (mode.mode === "update" && key === PROBE) return { outcome: "conflict" };
        if (mode.mode === "update") throw new TypeError("simulated: an update on a store that has none");
        return store.put(key, body, mode, options, signal);
      },
    },
    {
      keptAs: (key) => (key === MIRRORED ? "mirrored" : key === BARE ? "bare" : undefined),
      mayHold: (prefix) => MIRRORED.startsWith(prefix) || BARE.startsWith(prefix),
      random: { id: () => `chain${++ids}` },
      sha256: nodeSha256,
    },
  );

/** What the key holds, by the rules of the mode and without its code's way of looking. */
export const newestOf = ({ objects }: MemoryBucket, name: string): Uint8Array | undefined => {
  const versions = [...objects].flatMap(([each, entry]) => {
    const parsed = parseChainName(each);
    return parsed?.of === name ? [{ number: parsed.number, ...entry }] : [];
  });
  const newest = versions.sort((a, b) => b.number - a.number)[0];
  const plain = objects.get(name);
  if (newest === undefined) return plain?.body;
  const { over } = parseVersionMark(newest.metadata, name);
  const theirs =
    plain !== undefined && parseMirrorMark(plain.metadata) === undefined && shortOf(nodeSha256(plain.body)) !== over;
  return theirs ? plain.body : newest.body;
};
