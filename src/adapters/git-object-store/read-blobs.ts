import { KgsyncError } from "../../core/errors.ts";
import { toCopyError } from "./git-error.ts";
import type { RunGit } from "./run-git.ts";

/**
 * The contents of blobs, in the order of their ids; one process for all (`git cat-file --batch`). Rejects with
 * `bucket-unavailable` when one is not there: the repository on the disk is a copy, and can be fetched anew.
 */
export const readBlobs = async (
  git: RunGit,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly Buffer[]> => {
  if (ids.length === 0) return [];
  const run = await git(["cat-file", "--batch"], { signal, input: `${ids.join("\n")}\n` });
  if (run.code !== 0) throw toCopyError("read blobs", run);
  const contents: Buffer[] = [];
  for (let at = 0; at < run.stdout.length; ) {
    const end = run.stdout.indexOf(10, at);
    const [id, type, size] = run.stdout.toString("latin1", at, end === -1 ? undefined : end).split(" ");
    if (type !== "blob" || end === -1) throw new KgsyncError("bucket-unavailable", `git has no blob ${id}`);
    contents.push(run.stdout.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  if (contents.length !== ids.length)
    throw new KgsyncError("bucket-unavailable", `git gave ${contents.length} of ${ids.length} blobs`);
  return contents;
};
