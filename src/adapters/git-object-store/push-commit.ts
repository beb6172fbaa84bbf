import type { KgsyncError } from "../../core/errors.ts";
import { type Copy, removeLocks } from "./fetch-head.ts";
import { toGitError } from "./git-error.ts";
import { remoteName } from "./git-remote.ts";
import type { GitRun } from "./run-git.ts";

/**
 * `lost`: the branch was not at the commit that was expected, nothing was written. `refused`: the server did not take it for
 * a reason that may be a race too (it could not lock the branch). `unknown`: the answer was lost.
 */
export type Pushed =
  | { readonly kind: "pushed" }
  | { readonly kind: "lost" }
  | { readonly kind: "refused" | "unknown"; readonly error: KgsyncError };

/**
 * Makes the commit the branch's head if that still is `expected` (undefined: there is no branch): git-push(1),
 * --force-with-lease with its value given, which the server compares again when it writes the ref. Never rewrites history, as
 * `expected` is the commit's parent. Rejects with what surely was not applied: no way to the server, refused by its rules.
 */
export const pushCommit = async (
  copy: Copy,
  commit: string,
  expected: string | undefined,
  signal: AbortSignal,
): Promise<Pushed> => {
  const { git, remote } = copy;
  await removeLocks(copy);
  const ref = `refs/heads/${remote.branch}`;
  const lease = `--force-with-lease=${ref}:${expected ?? ""}`;
  const options = ["--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", lease];
  const run = await git(["push", ...options, remote.url, `${commit}:${ref}`], { signal });
  if (run.code === 0) return { kind: "pushed" };
  const what = `push to ${remoteName(remote)}`;
  const status = /^!\t[^\t]*\t(.*)$/m.exec(run.stdout.toString("utf8"))?.[1];
  if (status === undefined) return unanswered(what, run);
  if (/^\[rejected\]/.test(status)) return { kind: "lost" };
  if (/^\[remote failure\]/.test(status)) return { kind: "unknown", error: toGitError(what, run) };
  const error = toGitError(what, { ...run, stderr: `${run.stderr}\nerror: ${status}` });
  if (error.code === "bucket-denied" && !RACE.test(`${status}${run.stderr}`)) throw error;
  return { kind: "refused", error };
};

/** Two pushes met at the server: one finds the ref locked, or no longer as it was told. */
const RACE =
  /cannot lock ref|failed to update ref|incorrect old value|reference already exists|failed to lock|is at [0-9a-f]+ but expected/;

/** No row of the report: before the first byte of ours was sent, git says why; else nobody knows what became of it. */
const unanswered = (what: string, run: GitRun): Pushed => {
  const error = toGitError(what, run);
  const sent = /unexpected disconnect|hung up|RPC failed|early EOF|send-pack|unpack|pack-objects|index-pack/.test(
    run.stderr,
  );
  if (!sent && error.code !== "bucket-unavailable") throw error;
  if (!sent && NOT_REACHED.test(run.stderr)) throw error;
  return { kind: "unknown", error };
};

const NOT_REACHED =
  /Could not resolve|Couldn't connect|Failed to connect|Connection refused|Connection timed out|No route to host|unreachable|SSL certificate/i;
