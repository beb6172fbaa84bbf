import { rm } from "node:fs/promises";
import { join } from "node:path";
import { toCopyError, toGitError } from "./git-error.ts";
import { type GitRemote, remoteName } from "./git-remote.ts";
import type { GitRun, RunGit } from "./run-git.ts";
import { EMPTY, parseTree, type Snapshot } from "./snapshot.ts";

/** The only ref of the copy: the commit last fetched, or made. What is sent and fetched is reckoned from it. */
export const HEAD_REF = "refs/kgsync/head";

/** Left by a git that was killed; the copy is ours alone. */
const LOCKS = ["shallow.lock", "packed-refs.lock", `${HEAD_REF}.lock`];

export type Copy = { readonly git: RunGit; readonly path: string; readonly remote: GitRemote };

export const removeLocks = async ({ path }: Pick<Copy, "path">): Promise<void> => {
  await Promise.all(LOCKS.map((lock) => rm(join(path, lock), { force: true })));
};

/** The branch's commit at the remote, or `undefined`: one question, nothing is downloaded. */
export const remoteHead = async ({ git, remote }: Copy, signal: AbortSignal): Promise<string | undefined> => {
  const ref = `refs/heads/${remote.branch}`;
  const run = await git(["ls-remote", remote.url, ref], { signal });
  if (run.code !== 0) throw toGitError(`look at ${remoteName(remote)}`, run);
  const row = run.stdout
    .toString("utf8")
    .split("\n")
    .find((line) => line.endsWith(`\t${ref}`));
  return row?.slice(0, row.indexOf("\t"));
};

/** What the branch holds now. Fetches its newest commit, without history, unless `known` is that. */
export const fetchHead = async (copy: Copy, known: Snapshot | undefined, signal: AbortSignal): Promise<Snapshot> => {
  const { remote } = copy;
  const head = await remoteHead(copy, signal);
  if (head === undefined) return EMPTY;
  if (head === known?.commit) return known;
  const run = await fetchBranch(copy, 1, signal);
  if (run.code !== 0 && /couldn't find remote ref/.test(run.stderr)) return EMPTY; // deleted in between
  if (run.code !== 0) throw toGitError(`fetch ${remoteName(remote)}`, run);
  return readSnapshot(copy, signal);
};

/** The ids of the branch's newest commits, at most `depth` along each line, newest first. */
export const fetchHistory = async (copy: Copy, depth: number, signal: AbortSignal): Promise<readonly string[]> => {
  const run = await fetchBranch(copy, depth, signal);
  if (run.code !== 0) throw toGitError(`fetch ${remoteName(copy.remote)}`, run);
  const list = await copy.git(["rev-list", HEAD_REF, "--"], { signal });
  if (list.code !== 0) throw toCopyError("list the commits", list);
  return list.stdout
    .toString("latin1")
    .split("\n")
    .filter((id) => id !== "");
};

const fetchBranch = async (copy: Copy, depth: number, signal: AbortSignal): Promise<GitRun> => {
  const { git, remote } = copy;
  await removeLocks(copy);
  const options = [`--depth=${depth}`, "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--force"];
  const refs = `+refs/heads/${remote.branch}:${HEAD_REF}`;
  return git(["fetch", "--quiet", ...options, remote.url, refs], { signal });
};

const readSnapshot = async ({ git, remote }: Copy, signal: AbortSignal): Promise<Snapshot> => {
  const log = await git(["log", "-1", "--no-show-signature", "--format=%H %ct", HEAD_REF, "--"], { signal });
  if (log.code !== 0) throw toCopyError("read the commit", log);
  const [commit = "", seconds] = log.stdout.toString("latin1").trim().split(" ");
  const folder = remote.folder === "" ? [] : [`${remote.folder}/`];
  const tree = await git(["ls-tree", "-r", "-z", "-l", "--full-tree", commit, ...folder], { signal });
  if (tree.code !== 0) throw toCopyError("read the tree", tree);
  return { commit, committed: Number(seconds) * 1000, objects: parseTree(tree.stdout, remote.folder) };
};
