import { type KgsyncError, toKgsyncError } from "../core/errors.ts";
import { ancestorsAfter, encodeMetadata } from "../core/metadata.ts";
import type { PutIntent, RemoteSeen, State } from "../core/state.ts";
import type { Digest } from "../core/version.ts";
import type { Budget } from "./budget.ts";
import { bodyOf, type Content } from "./content.ts";
import type { Io } from "./io.ts";
import { keepReplacedVersion } from "./keep-version.ts";
import { type Once, type PutOnce, putOnce } from "./put-once.ts";
import type { StateFolder } from "./state-folder.ts";

/** Bytes for the bucket, and the local content whose changes they carry (the same, unless they are a merge). */
export type GraphPut = {
  readonly bytes: Content;
  readonly sha256: Digest;
  readonly ours: { readonly bytes: Content; readonly sha256: Digest };
  /** The child has saved it. */
  readonly own: boolean;
};

export type PutGraph = PutOnce | { readonly kind: "failed"; readonly error: KgsyncError };

/**
 * One conditional put of the graph over the version last seen, in the order that survives a crash between any two steps:
 * our bytes and the intent on disk → put → base := ours. Base moves only on `stored`.
 */
export const putGraph = async (io: Io, folder: StateFolder, put: GraphPut, budget: Budget): Promise<PutGraph> => {
  const before = folder.current();
  const writeId = io.random.id();
  await folder.keepBase(put.ours.sha256, put.ours.bytes);
  // Each later save of the same app is merged with what the bucket holds then, and at the end it goes to the disk.
  if (put.sha256 !== put.ours.sha256) await folder.keepBase(put.sha256, put.bytes);
  // A large file is sent as it was kept: the app may save meanwhile.
  const kept = put.bytes instanceof Uint8Array ? undefined : await folder.largeBase(put.sha256);
  const body = bodyOf(io, kept ?? put.bytes);
  const intent = {
    kind: "put",
    ours: put.ours.sha256,
    result: put.sha256,
    parent: before.remote?.etag,
    writeId,
    own: put.own,
  } as const;
  await folder.replace({ ...before, intent, lost: lostPuts(before), dirty: true });
  const epoch = io.fence?.epoch() ?? before.remote?.epoch;
  const ancestors = ancestorsAfter(before.remote, put.ours.sha256 === put.sha256 ? [] : [put.ours.sha256]);
  const metadata = encodeMetadata({
    sha256: put.sha256,
    parent: before.remote?.sha256,
    ancestors,
    writer: io.writer,
    epoch,
    writeId,
  });
  const mode =
    before.remote === undefined
      ? ({ mode: "create" } as const)
      : ({ mode: "update", etag: before.remote.etag } as const);
  try {
    const [result] = await Promise.all([
      putChecked(io, { key: io.document.key, body, mode, metadata, writeId }, before.probedAt !== undefined, budget),
      io.rules.history > 0 && keepReplacedVersion(io, folder, before, budget),
    ]);
    await settle(io, folder, put, { sha256: put.sha256, ancestors, epoch, writer: io.writer }, result);
    return result;
  } catch (thrown) {
    return { kind: "failed", error: toKgsyncError(thrown) };
  }
};

/** More than some answers are not lost in a row, and each keeps its bytes in the state folder. */
const MAX_LOST = 8;

const lostPuts = ({ intent, lost }: State): readonly PutIntent[] =>
  (intent?.kind === "put" ? [intent, ...lost] : lost).slice(0, MAX_LOST);

/**
 * `conflict`: not applied, for sure, so the intent is dropped. `overtaken`, `unknown`: it stays, the next look or start settles
 * it. Dropped, what others have removed of a put that had arrived would be added once more.
 */
const settle = async (
  io: Io,
  folder: StateFolder,
  put: GraphPut,
  stored: Omit<RemoteSeen, "etag">,
  result: PutOnce,
): Promise<void> => {
  if (result.kind === "unknown" || result.kind === "overtaken") return;
  if (result.kind === "conflict") return folder.replace({ ...folder.current(), intent: undefined });
  await folder.replace({
    ...folder.current(),
    store: io.store.name,
    intent: undefined,
    lost: [], // ours was conditional on what they were: none of them can be applied any more
    dirty: false,
    base: { kind: "content", sha256: put.ours.sha256 },
    ownSave: put.own ? put.ours.sha256 : folder.current().ownSave,
    otherView: undefined,
    remote: { ...stored, etag: result.etag },
  });
  await folder.dropOldBases();
};

/** Until the store was seen to honour conditions, the object is looked at before it is replaced: better than nothing. */
const putChecked = async (io: Io, once: Once, proven: boolean, budget: Budget): Promise<PutOnce> => {
  if (!proven) {
    const head = await budget.attempt((signal) => io.store.head(once.key, signal));
    const expected = once.mode.mode === "update" ? once.mode.etag : undefined;
    if (head?.etag !== expected) return { kind: "conflict" };
  }
  return putOnce(io, once, budget);
};
