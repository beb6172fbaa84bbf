import { nodeSha256 } from "../../src/adapters/node-sha256.ts";
import type { Merge } from "../../src/app/io.ts";
import { mergeRequest } from "../../src/core/merge/merge-request.ts";
import { etag } from "../../src/core/version.ts";
import type { FileTree } from "../../src/ports/file-tree.ts";
import type { ObjectStore } from "../../src/ports/object-store.ts";
import type { Sabotage } from "./sim-machine.ts";

/** A wrapper that is wrong in one way, and what the oracle must say of it. */
export type Wrong = { readonly sabotage: () => Sabotage; readonly says: RegExp };

const withoutCondition =
  (matches: (key: string) => boolean) =>
  (store: ObjectStore): ObjectStore => ({
    ...store,
    put: (key, body, mode, options, signal) =>
      store.put(key, body, matches(key) ? { mode: "overwrite" } : mode, options, signal),
  });

const isGraph = (key: string): boolean => key === "knowledge_graph.json";

/** Each base is replaced by what the last merge of it came to. */
const followMerged = (): Merge => {
  const followers = new Map<string, Uint8Array>();
  return async (request) => {
    const base = request.base instanceof Uint8Array ? followers.get(nodeSha256(request.base)) : undefined;
    const merged = mergeRequest({ ...request, ...(base === undefined ? {} : { base }) });
    if (merged.kind === "merged") followers.set(nodeSha256(request.ours), merged.bytes);
    return merged;
  };
};

/** The state is written without what `names`. */
const forget =
  (...names: readonly string[]) =>
  (tree: FileTree): FileTree => ({
    ...tree,
    write: (path, bytes) => {
      if (!path.endsWith("/state.json")) return tree.write(path, bytes);
      const state: unknown = JSON.parse(new TextDecoder().decode(bytes));
      const text = JSON.stringify(state, (name, value) => (names.includes(name) ? undefined : value));
      return tree.write(path, new TextEncoder().encode(text));
    },
  });

export const WRONG: Readonly<Record<string, Wrong>> = {
  "puts of the graph are not conditional": {
    sabotage: () => ({ store: withoutCondition(isGraph) }),
    says: /^(lost|back)/,
  },
  "the lease is put without a condition": {
    sabotage: () => ({ store: withoutCondition((key) => key.endsWith("/lease.json")) }),
    says: /^two holders/,
  },
  "a new holder does not claim the graph": {
    sabotage: () => ({ claim: async () => undefined }),
    says: /writes under epoch \d+ after|has no epoch/,
  },
  "a lost answer is taken for a success": {
    sabotage: () => ({
      store: (store) => ({
        ...store,
        put: async (...request) => {
          const put = await store.put(...request);
          return put.outcome === "unknown" ? { outcome: "stored", etag: etag("lost") } : put;
        },
      }),
    }),
    says: /^lost/,
  },
  "the upload wins": {
    sabotage: () => ({
      merge: async ({ ours }) => ({ kind: "merged", bytes: ours, conflicts: [], warnings: [], equalTo: undefined }),
    }),
    says: /^lost/,
  },
  "the bucket wins": {
    sabotage: () => ({
      merge: async ({ theirs }) => ({ kind: "merged", bytes: theirs, conflicts: [], warnings: [], equalTo: "theirs" }),
    }),
    says: /^lost/,
  },
  "a removal is not seen": {
    sabotage: () => ({ merge: async (request) => mergeRequest({ ...request, base: undefined }) }),
    says: /^back/,
  },
  "the base follows the merged text": { sabotage: () => ({ merge: followMerged() }), says: /^(lost|back)/ },
  "what gives way is not recorded": {
    sabotage: () => ({
      merge: async (request) => {
        const merged = mergeRequest(request);
        return merged.kind === "merged" ? { ...merged, conflicts: [] } : merged;
      },
    }),
    says: /^lost/,
  },
  "an older app's first save is taken for all it wants": {
    sabotage: () => ({ merge: async (request) => mergeRequest({ ...request, firstSave: false }) }),
    says: /^lost: the field/,
  },
  "a put whose answer was lost is forgotten": {
    sabotage: () => ({ files: forget("intent", "lost") }),
    says: /^back/,
  },
};
