import { shortDigest } from "./metadata.ts";
import type { Base, State } from "./state.ts";
import type { Digest } from "./version.ts";

/** What can be seen after a restart: the remote version (undefined: absent or unknown) and the digest on disk. */
export type Seen = {
  readonly remote:
    | { readonly sha256: Digest; readonly writeId: string; readonly ancestors: readonly string[] }
    | undefined;
  readonly disk: Digest | undefined;
};

/**
 * Settles what a crash left open, and drops the intent.
 *
 * | intent | seen | base |
 * |---|---|---|
 * | put | its write id or result is the remote's, or an ancestor of it | the intent's `ours` |
 * | disk | its digest is on disk | disk |
 * | any | otherwise | as it was: the deed was not done |
 *
 * Without it, a crash between the put and the book-keeping would bring back what the app undid, and one between the
 * book-keeping and the disk would delete what others added.
 */
export const recoverIntent = (state: State, seen: Seen): State => {
  const base = recoveredBase(state, seen);
  return { ...state, intent: undefined, base: base ?? state.base };
};

const recoveredBase = ({ intent }: State, { remote, disk }: Seen): Base | undefined => {
  if (intent === undefined) return undefined;
  if (intent.kind === "disk") return disk === intent.sha256 ? { kind: "content", sha256: disk } : undefined;
  if (remote === undefined) return undefined;
  const arrived =
    remote.writeId === intent.writeId ||
    remote.sha256 === intent.result ||
    remote.ancestors.includes(shortDigest(intent.result));
  return arrived ? { kind: "content", sha256: intent.ours } : undefined;
};
