import { shortDigest } from "./metadata.ts";
import type { PutIntent, State } from "./state.ts";
import type { Digest, ETag } from "./version.ts";

/** What can be seen after a restart or a lost answer: the remote version (undefined: absent or unknown), the digest on disk. */
export type Seen = {
  readonly remote:
    | {
        readonly etag: ETag;
        readonly sha256: Digest;
        readonly writeId: string;
        readonly ancestors: readonly string[];
        readonly epoch: number | undefined;
        readonly writer?: string | undefined;
      }
    | undefined;
  readonly disk: Digest | undefined;
};

/**
 * Settles what a crash or a lost answer left open, and drops the intent.
 *
 * | intent, or an earlier lost put | seen | base | remote |
 * |---|---|---|---|
 * | put | the remote's write id or digest is its own | its `ours` | the remote |
 * | put | its result is an ancestor of it, newer than what was last seen | its `ours` | as it was: somebody wrote after us |
 * | disk | its digest is on disk | its `base` | as it was |
 * | any | otherwise | as it was: the deed was not done | as it was |
 *
 * Without it, a crash between the put and the book-keeping would bring back what the app undid, one between the
 * book-keeping and the disk would delete what others added, and our own late put would look like somebody else's.
 */
export const recoverIntent = (state: State, { remote, disk }: Seen): State => {
  const { intent, lost } = state;
  const open: State = { ...state, intent: undefined };
  if (intent?.kind === "disk" && disk === intent.sha256)
    return { ...open, base: { kind: "content", sha256: intent.base }, otherView: undefined };
  if (remote === undefined) return open;
  const puts = intent?.kind === "put" ? [intent, ...lost] : lost;
  const own = puts.find((put) => isVersionOf(put, remote));
  if (own !== undefined) {
    const { etag, sha256, ancestors, epoch, writer } = remote;
    return { ...moved(open, own), remote: { etag, sha256, ancestors, epoch, writer } };
  }
  const below = puts.find((put) => isBelow(put, remote, state.remote));
  return below === undefined ? open : moved(open, below);
};

/** The save is in the bucket: it is what the app holds. */
const moved = (state: State, { ours, own }: PutIntent): State => ({
  ...state,
  lost: [],
  base: { kind: "content", sha256: ours },
  ownSave: own ? ours : state.ownSave,
  otherView: undefined,
});

/** An older ancestor is the version that the app went back to (A → B → A), not the put that went back to it. */
const isBelow = (put: PutIntent, remote: NonNullable<Seen["remote"]>, last: State["remote"]): boolean => {
  if (remote.etag === put.parent || remote.sha256 === last?.sha256) return false;
  const at = remote.ancestors.indexOf(shortDigest(put.result));
  const lastAt = last === undefined ? -1 : remote.ancestors.indexOf(shortDigest(last.sha256));
  return at >= 0 && (lastAt < 0 || at < lastAt);
};

const isVersionOf = (put: PutIntent, remote: NonNullable<Seen["remote"]>): boolean =>
  remote.writeId === put.writeId || remote.sha256 === put.result;
