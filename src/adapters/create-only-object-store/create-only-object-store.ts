import { KgsyncError } from "../../core/errors.ts";
import { type Key, parseKey } from "../../core/key.ts";
import type { Digest } from "../../core/version.ts";
import type {
  Body,
  ListedObject,
  ObjectStore,
  PutMode,
  PutOptions,
  PutOutcome,
  Target,
} from "../../ports/object-store.ts";
import type { Random } from "../../ports/random.ts";
import { readWhole } from "../transfer/read-body.ts";
import { unlessAborted } from "../transfer/unless-aborted.ts";
import type { Chain, ChainMemory } from "./chain.ts";
import { CHAIN_PREFIX, parseChainName } from "./chain-name.ts";
import { commitVersion } from "./commit-version.ts";
import { type ChainLook, lookAtChain, lookAtNumber } from "./look-at-chain.ts";
import { writeMirror } from "./mirror.ts";

export type CreateOnlyOptions = {
  /** How a key is kept: `undefined`, as it is, for keys that are only ever created. */
  readonly keptAs: (key: string) => "mirrored" | "bare" | undefined;
  /** Whether a listing by this prefix may have to show keys that are kept in another way. */
  readonly mayHold: (prefix: string) => boolean;
  readonly random: Pick<Random, "id">;
  readonly sha256: (bytes: Uint8Array) => Digest;
};

const expects = (mode: PutMode, { etag }: ChainLook): boolean =>
  mode.mode === "overwrite" || (mode.mode === "create" ? etag === undefined : etag === mode.etag);

/**
 * Updates on a store that knows no `If-Match` but honours `If-None-Match: *`: each version of a key is an object of its own,
 * `.kgsync/chain/<key>/<number>`, that is only ever created, so that of several writers one gets the number. The etag is the
 * number. The newest of a `mirrored` key is also kept under the key itself, so that other tools can read it; an object that
 * another tool puts there is a newer version. Every key else goes to the store as it is.
 *
 * Needs what S3 gives since 2020: a get and a listing show what was put before (docs/s3-compatible.md).
 */
export const createCreateOnlyObjectStore = (inner: ObjectStore, options: CreateOnlyOptions): ObjectStore => {
  const memories = new Map<string, ChainMemory>();
  const chainOf = (key: Key): Chain | undefined => {
    const kept = options.keptAs(key);
    if (kept === undefined) return undefined;
    const memory = memories.get(key) ?? { id: undefined, plain: undefined, repaired: 0 };
    memories.set(key, memory);
    const { random, sha256 } = options;
    return { inner, key, mirrored: kept === "mirrored", newId: () => random.id(), sha256, memory };
  };
  const get: ObjectStore["get"] = async (key, signal) => {
    const chain = chainOf(key);
    if (chain === undefined) return inner.get(key, signal);
    const found = await lookAtChain(chain, true, signal);
    const { etag, content } = found;
    if (etag === undefined || content?.body === undefined) return undefined;
    const { body, size, metadata } = content;
    await repair(chain, found, body, signal);
    return { etag, body, size, metadata };
  };
  return {
    ...inner,
    // Another name than the same bucket has in the other mode: what was found out there does not hold here.
    name: `${inner.name} (create-only)`,
    get,
    peek: async (key, limit, signal) => {
      if (chainOf(key) === undefined) return inner.peek(key, limit, signal);
      const found = await get(key, signal);
      return found === undefined || found.size <= limit ? found : { ...found, body: undefined };
    },
    // Whole in memory: which of two objects it lies in, and whether the mirror is one, is known by its bytes.
    fetch: async (key, version, target, signal) => {
      if (chainOf(key) === undefined) return inner.fetch(key, version, target, signal);
      const found = await get(key, signal);
      if (found === undefined || found.etag !== version.etag || found.size !== version.size) return "changed";
      await giveTo(target, found.body, key, signal);
      return "whole";
    },
    head: async (key, signal) => {
      const chain = chainOf(key);
      if (chain === undefined) return inner.head(key, signal);
      const { etag, content } = await lookAtChain(chain, false, signal);
      return etag === undefined || content === undefined
        ? undefined
        : { etag, size: content.size, metadata: content.metadata };
    },
    list: (prefix, signal) =>
      options.mayHold(prefix) ? listAll(inner, prefix, chainOf, signal) : inner.list(prefix, signal),
    put: async (key, body, mode, putOptions, signal) => {
      const chain = chainOf(key);
      if (chain === undefined) return inner.put(key, body, mode, putOptions, signal);
      return putVersion(chain, await whole(chain, body, signal), mode, putOptions, signal);
    },
    delete: async (key, signal) => {
      const chain = chainOf(key);
      if (chain === undefined) return inner.delete(key, signal);
      return deleteKey(chain, signal);
    },
  };
};

const PIECE = 1 << 20;

const giveTo = async (target: Target, body: Uint8Array, key: Key, signal: AbortSignal): Promise<void> => {
  for (let at = 0; at < body.length; at += PIECE) {
    try {
      await unlessAborted(target(at, body.subarray(at, at + PIECE)), signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      throw new KgsyncError("bucket-unavailable", `get "${key}" was aborted`, { cause: thrown });
    }
  }
};

const whole = async ({ inner, key }: Chain, body: Body, signal: AbortSignal): Promise<Uint8Array> => {
  try {
    return (await readWhole(body, signal)).slice(); // the caller may use its buffer again
  } catch (thrown) {
    if (thrown instanceof KgsyncError) throw thrown;
    const code = signal.aborted ? "bucket-unavailable" : "disk";
    throw new KgsyncError(code, `${inner.name}: put "${key}": the body could not be read`, { cause: thrown });
  }
};

const putVersion = async (
  chain: Chain,
  body: Uint8Array,
  mode: PutMode,
  options: PutOptions,
  signal: AbortSignal,
): Promise<PutOutcome> => {
  for (;;) {
    const seen =
      mode.mode === "update" && !chain.mirrored
        ? await lookAtNumber(chain, mode.etag, signal)
        : await lookAtChain(chain, false, signal);
    if (seen === undefined || !expects(mode, seen)) return { outcome: "conflict" };
    const put = await commitVersion(chain, seen, "content", body, options, signal);
    if (put.outcome !== "conflict" || mode.mode !== "overwrite") return put;
  }
};

/** A deletion is a version too: a key that comes back must not get an old etag again. */
const deleteKey = async (chain: Chain, signal: AbortSignal): Promise<void> => {
  const { inner, key, mirrored } = chain;
  for (;;) {
    const seen = await lookAtChain(chain, false, signal);
    if (seen.etag === undefined) return;
    const nothing = { contentType: "application/octet-stream", metadata: {} };
    const put = await commitVersion(chain, seen, "deleted", new Uint8Array(0), nothing, signal);
    if (put.outcome === "unknown") {
      throw new KgsyncError("bucket-unavailable", `${inner.name}: delete "${key}": the answer was lost`, {
        cause: put.cause,
      });
    }
    if (put.outcome === "stored") return mirrored ? inner.delete(key, signal) : undefined;
  }
};

/** Once for each version: a mirror that cannot be written is no reason to try with each look. */
const repair = async (chain: Chain, found: ChainLook, body: Uint8Array, signal: AbortSignal): Promise<void> => {
  const { number, chain: id, content, behind, plain: seen, over } = found;
  if (!behind || id === undefined || content === undefined || chain.memory.repaired >= number) return;
  chain.memory.repaired = number;
  const options = { contentType: "application/json", metadata: content.metadata };
  await writeMirror(chain, { number, chain: id, digest: chain.sha256(body), body, options, seen, over }, signal);
};

const listAll = async function* (
  inner: ObjectStore,
  prefix: string,
  chainOf: (key: Key) => Chain | undefined,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  const kept = new Map<Key, number>();
  const note = (name: string, modified: number): boolean => {
    const key = parseKey(name);
    if (key === undefined || chainOf(key) === undefined) return false;
    kept.set(key, Math.max(modified, kept.get(key) ?? 0));
    return true;
  };
  for await (const row of inner.list(prefix, signal)) {
    if (!row.name.startsWith(CHAIN_PREFIX) && !note(row.name, row.modified)) yield row;
  }
  for await (const { name, modified } of inner.list(`${CHAIN_PREFIX}${prefix}`, signal)) {
    const of = parseChainName(name)?.of;
    if (of?.startsWith(prefix) === true) note(of, modified);
  }
  for (const [key, modified] of kept) {
    const chain = chainOf(key);
    const { etag, content } = chain === undefined ? {} : await lookAtChain(chain, false, signal);
    if (etag !== undefined && content !== undefined) yield { name: key, size: content.size, etag, modified };
  }
};
