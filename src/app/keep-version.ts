import { contentTypeOf } from "../core/document.ts";
import { toKgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { planVersionPrune } from "../core/plan-prune.ts";
import type { State } from "../core/state.ts";
import type { Digest } from "../core/version.ts";
import type { ListedObject, Metadata } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import type { Io } from "./io.ts";
import { versionKey } from "./keys.ts";
import type { StateFolder } from "./state-folder.ts";

/**
 * Keeps the version that a put is about to replace as `.kgsync/versions/<sha16>.json`, create-only. A failure never stops
 * the put: the newest state in the bucket matters more than its history. `KGSYNC_HISTORY=0` is the caller's to heed: the
 * shrink guard keeps what it fears for in any case.
 */
export const keepReplacedVersion = async (
  io: Io,
  folder: StateFolder,
  before: State,
  budget: Budget,
): Promise<boolean> => {
  const { remote } = before;
  if (remote === undefined) return false;
  try {
    const bytes =
      (await folder.readBase(remote.sha256)) ??
      (await budget.attempt((signal) => replacedBytes(io, remote.etag, signal)));
    if (bytes === undefined) return false;
    const options = {
      contentType: contentTypeOf(io.document.mode),
      metadata: keptMetadata(remote.sha256, remote.writer),
    };
    const put = await budget.attempt((signal) =>
      io.store.put(versionKey(io.document, remote.sha256), bytes, { mode: "create" }, options, signal),
    );
    return put.outcome !== "unknown";
  } catch (thrown) {
    io.log.warn("version.not-kept", "the replaced version could not be kept in the bucket", {
      err: toKgsyncError(thrown),
    });
    return false;
  }
};

/** Of a kept version: what it holds, and who had written it, for the history. */
export const keptMetadata = (sha256: Digest, writer: string | undefined): Metadata => ({
  "kgsync-sha256": sha256,
  ...(writer === undefined || writer === "" ? {} : { "kgsync-writer": writer }),
});

/** What lies in the bucket may differ from our base (a merge, a clock field): then it is read, if it is still there. */
const replacedBytes = async (
  { store, document }: Io,
  etag: string,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const object = await store.get(document.key, signal);
  return object?.etag === etag ? object.body : undefined;
};

/** Removes the oldest of our own kept versions above `history`. Everything else in the bucket is never pruned. */
export const pruneVersions = async (io: Io, signal: AbortSignal): Promise<number> => {
  const { versions: prefix } = io.document;
  const versions: ListedObject[] = [];
  for await (const object of io.store.list(prefix, signal)) versions.push(object);
  const old = planVersionPrune(versions, prefix, io.rules.history);
  for (const { name } of old) {
    const key = parseKey(name);
    if (key !== undefined) await io.store.delete(key, signal);
  }
  return old.length;
};
