type Env = Readonly<Record<string, string | undefined>>;

/** What would lead git to another repository than the copy (git(1), "The Git Repository"), or to hooks and texts of others. */
const LEFT_OUT = [
  "GIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_SHALLOW_FILE",
  "GIT_QUARANTINE_PATH",
  "GIT_AUTHOR_DATE",
  "GIT_COMMITTER_DATE",
  "LANGUAGE",
];

export type GitToken = { readonly user: string; readonly token: string };

/** Variables of the credential helper below: the secret is in no command line. */
const [USER, TOKEN] = ["KGSYNC_HELPER_USER", "KGSYNC_HELPER_TOKEN"];

/**
 * git's environment: the container's, so that all its ways to credentials, proxies and authorities work (helpers, GIT_ASKPASS,
 * ssh-agent, GIT_SSH_COMMAND, .netrc, http.*), but one that never asks a person, and whose messages we can read.
 */
export const gitEnvironment = (env: Env, copy: string, token: GitToken | undefined): Env => ({
  ...env,
  ...Object.fromEntries(LEFT_OUT.map((name) => [name, undefined])),
  ...(token === undefined ? {} : { [USER]: token.user, [TOKEN]: token.token }),
  GIT_DIR: copy,
  GIT_TERMINAL_PROMPT: "0",
  GIT_LITERAL_PATHSPECS: "1",
  LC_ALL: "C",
});

/** gitcredentials(7): answers `get`, and lets `store` and `erase` pass. */
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${USER}" "$${TOKEN}"; }; f`;

/**
 * Settings of each call. No hooks, and nothing that goes on in the background. A server that sends nothing for `stallMs` is
 * given up. With a token of our own nobody else is asked for one, and a git that can (2.46) does not wait to be asked for it.
 */
export const gitOptions = (stallMs: number, token: GitToken | undefined): readonly string[] =>
  [
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "http.lowSpeedLimit=1",
    `http.lowSpeedTime=${Math.max(1, Math.ceil(stallMs / 1000))}`,
    ...(token === undefined ? [] : ["credential.helper=", `credential.helper=${HELPER}`, "http.proactiveAuth=basic"]),
  ].flatMap((setting) => ["-c", setting]);
