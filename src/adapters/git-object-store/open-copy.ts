import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { KgsyncError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Random } from "../../ports/random.ts";
import { type CopyFolder, takeCopyFolder } from "./copy-folder.ts";
import { type Copy, removeLocks } from "./fetch-head.ts";
import { toCopyError } from "./git-error.ts";
import { type GitRemote, remoteName } from "./git-remote.ts";
import { INSTALL_HINT, type RunGit } from "./run-git.ts";

const OLDEST = [2, 30] as const;

/** Rejects with `config-invalid` for a git that is missing or too old (fetch --no-write-fetch-head came with 2.29). */
const checkVersion = async (git: RunGit, signal: AbortSignal): Promise<void> => {
  const run = await git(["version"], { signal });
  const words = run.stdout.toString("utf8").trim();
  const [, major = "0", minor = "0"] = /^git version (\d+)\.(\d+)/.exec(words) ?? [];
  if (Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1])) return;
  throw new KgsyncError("config-invalid", `${words || "git"} is too old for a git+ bucket`, { hint: INSTALL_HINT });
};

export type OpenCopy = {
  readonly remote: GitRemote;
  readonly parent: string;
  /** git for the copy in the folder. */
  readonly gitIn: (path: string) => RunGit;
  readonly clock: Clock;
  readonly random: Pick<Random, "id">;
};

/** The repository's copy: bare and shallow, what the last run left or a new one. */
export const openCopy = async (
  { remote, parent, gitIn, clock, random }: OpenCopy,
  signal: AbortSignal,
): Promise<{ readonly copy: Copy; readonly folder: CopyFolder }> => {
  await checkVersion(gitIn("/nonexistent"), signal);
  const name = createHash("sha256").update(remoteName(remote)).digest("hex").slice(0, 16);
  const folder = await takeCopyFolder(parent, name, { id: random.id(), now: clock.now().wall });
  const copy = { git: gitIn(folder.path), path: folder.path, remote };
  if (!isThere(copy)) {
    const run = await copy.git(["init", "--bare", "--quiet", "--template=", folder.path], { signal });
    if (run.code !== 0) throw toCopyError(`make it in ${folder.path}`, run);
  }
  await removeLocks(copy);
  return { copy, folder };
};

/** Somebody may tidy the state folder up under us. */
export const isThere = ({ path }: Pick<Copy, "path">): boolean => existsSync(join(path, "HEAD"));
