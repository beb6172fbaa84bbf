import type { RunGit } from "./run-git.ts";

const NOBODY = "kgsync <kgsync@localhost>";

/**
 * `Name <email>` of who makes the commits: `own` if it is given, else what git knows (GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL,
 * user.name and user.email), else kgsync. What git would guess from the machine's name is not asked for.
 */
export const authorOf = async (git: RunGit, own: string | undefined, signal: AbortSignal): Promise<string> => {
  if (own !== undefined) return own;
  const run = await git(["-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"], { signal });
  const [, ident] = /^(.* <.*>) \d+ [+-]\d+\n?$/.exec(run.stdout.toString("utf8")) ?? [];
  return run.code === 0 && ident !== undefined ? ident : NOBODY;
};
