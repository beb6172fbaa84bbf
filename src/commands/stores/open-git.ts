import { join } from "node:path";
import { resolvePaths } from "../resolve-paths.ts";
import { gitToken } from "../rotating-secrets.ts";
import type { OpenPlace } from "./opened-store.ts";

/** A push takes many small writes as well as one: so many of them may be on their way at once. */
const LANES = 64;

/** A branch of a Git repository. */
export const openGit: OpenPlace<"git"> = async ({ remote, branch, folder }, program, config) => {
  const { env, clock, random } = program;
  const { createGitObjectStore } = await import("../../adapters/git-object-store/create-git-object-store.ts");
  const token = gitToken(program, config);
  const store = createGitObjectStore({
    remote: { url: remote, branch, folder },
    parent: join(resolvePaths(config).state, "git"),
    env,
    token: () => {
      const now = token();
      return now === undefined ? undefined : { user: config.gitUsername, token: now };
    },
    author: config.gitAuthor,
    stallMs: config.requestTimeout,
    clock,
    random,
  });
  const tidy = async (signal: AbortSignal): Promise<number> => {
    await store.tidy(signal);
    return 0;
  };
  return { store, tidy, traits: { conditional: true, lanes: LANES } };
};
