import { keyProblem } from "../core/key.ts";
import type { BucketPlace } from "./bucket-place.ts";
import { trimSlashes } from "./bucket-prefix.ts";
import type { Parsed } from "./kinds.ts";

const DEFAULT_BRANCH = "main";

// What git-check-ref-format(1) refuses, and what would not be the name of a branch but of any ref.
const BAD_BRANCH = /^[-/.]|^@$|^refs\/|^HEAD$|[\p{Cc}\s~^:?*[\\]|\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[./]$/u;

const remoteProblem = (remote: string, scheme: string): string | undefined => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is refused here
  if (/[\u0000-\u0020\u007f"'\\]/.test(remote)) return "has a blank, a quote or a backslash in it; write it with %";
  if (scheme === "git+file")
    return /^\/[^/]/.test(remote) ? undefined : "needs three slashes and the absolute path of a repository";
  return /^[^/]+\/+[^/]/.test(remote) ? undefined : "has no path to a repository behind its host";
};

/** What stands behind `git+https://` and its likes: `host/path.git#branch:folder`, where the branch is `main` if none is named. */
export const parseGitUrl = (rest: string, scheme: string): Parsed<BucketPlace> => {
  const [remote = "", ...fragments] = rest.split("#");
  const fragment = fragments.join("#");
  const colon = fragment.indexOf(":");
  const branch = (colon === -1 ? fragment : fragment.slice(0, colon)) || DEFAULT_BRANCH;
  const folder = colon === -1 ? "" : trimSlashes(fragment.slice(colon + 1));
  const wrong = remoteProblem(remote, scheme);
  if (wrong !== undefined) return { problem: wrong };
  if (BAD_BRANCH.test(branch)) return { problem: "has no valid name of a branch after #" };
  const problem = folder === "" ? undefined : keyProblem(folder);
  if (problem !== undefined) return { problem: `has a folder that ${problem}` };
  if (/(?:^|\/)\.git(?:\/|$)/i.test(folder)) return { problem: "has a folder named .git" };
  return { value: { scheme: "git", remote: `${scheme.slice("git+".length)}://${remote}`, branch, folder } };
};
