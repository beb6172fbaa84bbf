import { join } from "node:path";
import { createGitObjectStore } from "../../src/adapters/git-object-store/create-git-object-store.ts";
import type { RepositoryOptions } from "../../src/adapters/git-object-store/repository.ts";
import { createNodeRandom } from "../../src/adapters/node-random.ts";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { GIT_ENV } from "./git-server.ts";

/** The store of a repository, with its copy below `folder`; nothing of the machine's own settings of git is in force. */
export const gitStoreAt = (url: string, folder: string, options: Partial<RepositoryOptions> = {}) =>
  createGitObjectStore({
    remote: { url, branch: "main", folder: "" },
    parent: join(folder, "copies"),
    env: { PATH: GIT_ENV.PATH, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", HOME: folder },
    token: () => undefined,
    author: undefined,
    stallMs: 10_000,
    clock: createSystemClock(),
    random: createNodeRandom(),
    ...options,
  });
