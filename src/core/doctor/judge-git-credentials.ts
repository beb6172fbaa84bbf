import { type Finding, ok, warning } from "./finding.ts";
import { type ExposureFacts, judgeExposure } from "./judge-exposure.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What was seen of the ways to credentials for a Git repository. Never a value. */
export type GitCredentialFacts = ExposureFacts & {
  readonly env: Env;
  /** As git takes it. */
  readonly remote: string;
  /** KGSYNC_GIT_TOKEN is set, and where it came from: `env`, or the path of its file. */
  readonly own: { readonly from: "env" } | { readonly from: "file"; readonly path: string } | undefined;
  /** Paths of git's and ssh's own files that are there. */
  readonly files: readonly string[];
};

const sourceOf = ({ remote, own, env, files }: GitCredentialFacts): string | undefined => {
  if (remote.startsWith("file:")) return "none are needed: the repository is a folder";
  if (remote.startsWith("http") && own !== undefined)
    return own.from === "file"
      ? `kgsync's own token, from the file ${own.path}`
      : "kgsync's own token, from KGSYNC_GIT_TOKEN";
  const names = remote.startsWith("ssh:")
    ? ["GIT_SSH_COMMAND", "GIT_SSH", "SSH_AUTH_SOCK"]
    : ["GIT_ASKPASS", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL"];
  const ways = [...names.filter((name) => (env[name] ?? "") !== ""), ...files];
  return ways.length === 0 ? undefined : `git's own ways: ${ways.join(", ")}`;
};

/** Where the credentials come from. Whether they are good is for the server to say. */
export const judgeGitCredentials = (facts: GitCredentialFacts): readonly Finding[] => {
  const source = sourceOf(facts);
  const advice = facts.remote.startsWith("ssh:")
    ? "Give git a key: an ssh agent (SSH_AUTH_SOCK), ~/.ssh, or GIT_SSH_COMMAND='ssh -i FILE'."
    : "Set KGSYNC_GIT_TOKEN_FILE, or give git a credential helper. A repository that needs none cannot be pushed to as a rule.";
  return [
    source === undefined ? warning("credentials", "none are in sight", advice) : ok("credentials", source),
    ...judgeExposure(facts),
  ];
};
