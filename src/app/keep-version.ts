import { contentTypeOf } from "../core/document.ts";
import { toKgsyncError } from "../core/errors.ts";
import { parseKey } from "../core/key.ts";
import { planVersionPrune } from "../core/plan-prune.ts";
import type { State } from "../core/state.ts";
import type { Digest } from "../core/version.ts";
import type { ListedObject, Metadata } from "../ports/object-store.ts";
import type { Budget } from "./budget.ts";
import { attemptPut, bodyOf, type Content } from "./content.ts";
import type { Io } from "./io.ts";
import { versionKey } from "./keys.ts";
import { bringLarge } from "./read-large-remote.ts";
import { runBounded } from "./run-bounded.ts";
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
      (await folder.largeBase(remote.sha256)) ??
      (await folder.readBase(remote.sha256)) ??
      (await budget.attempt((signal) => replacedBytes(io, remote.etag, signal, budget.signal)));
    if (bytes === undefined) return false;
    const options = {
      contentType: contentTypeOf(io.document.mode),
      metadata: keptMetadata(remote.sha256, remote.writer),
    };
    const put = await attemptPut(budget, bytes, (signal) =>
      io.store.put(versionKey(io.document, remote.sha256), bodyOf(io, bytes), { mode: "create" }, options, signal),
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
export const replacedBytes = async (
  io: Io,
  etag: string,
  signal: AbortSignal,
  whole: AbortSignal,
): Promise<Content | undefined> => {
  const object = await (io.large === undefined
    ? io.store.get(io.document.key, signal)
    : io.store.peek(io.document.key, io.large.above, signal));
  if (object?.etag !== etag) return undefined;
  if (object.body !== undefined) return object.body;
  const remote = io.large && (await bringLarge(io, io.large, object, whole));
  return remote?.kind === "valid" && remote.etag === etag ? remote.bytes : undefined;
};

const LANES = 8;

/** Removes the oldest of our own kept versions above `history`. Everything else in the bucket is never pruned. */
export const pruneVersions = async (io: Io, signal: AbortSignal): Promise<number> => {
  const { versions: prefix } = io.document;
  const versions: ListedObject[] = [];
  for await (const object of io.store.list(prefix, signal)) versions.push(object);
  const old = planVersionPrune(versions, prefix, io.rules.history);
  await runBounded(old, LANES, async ({ name }) => {
    const key = parseKey(name);
    if (key !== undefined) await io.store.delete(key, signal);
  });
  return old.length;
};
