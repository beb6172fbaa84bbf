import { type ErrorCode, KgsyncError } from "../../core/errors.ts";
import type { GitRun } from "./run-git.ts";

type Row = { readonly says: RegExp; readonly code: ErrorCode; readonly hint: string };

const CREDENTIALS =
  "Check the token or key (KGSYNC_GIT_TOKEN, a credential helper, the ssh agent), and that it may write to the repository.";

/**
 * What git, ssh, curl and the usual servers say (LC_ALL=C), the first that fits. The order matters: a refusal is followed by
 * git's own guess that the repository may not exist.
 */
const ROWS: readonly Row[] = [
  {
    says: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: "bucket-denied",
    hint: "Put the server's key into known_hosts (ssh-keyscan, checked against what the provider publishes).",
  },
  {
    says: /dubious ownership/,
    code: "bucket-denied",
    hint: "The repository belongs to another user: `git config --global --add safe.directory FOLDER` allows it.",
  },
  {
    says: /hook declined|protected branch|GH006|not allowed to push|prohibited by Gerrit|deny updating|branch is currently checked out/i,
    code: "bucket-denied",
    hint: "The server does not let anybody, or this user, push to the branch: give it a branch of its own, or lift the rule.",
  },
  {
    says: /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|Permission denied|returned error: 40[13]|HTTP 40[13]|HTTP Basic: Access denied|[Aa]ccess denied|Permission to .* denied|insufficient permission|Read-only file system/,
    code: "bucket-denied",
    hint: CREDENTIALS,
  },
  {
    says: /[Rr]epository .*not found|does not appear to be a git repository|returned error: 404|not a git repository|No such file or directory/,
    code: "bucket-missing",
    hint: "Check the repository's URL in KGSYNC_BUCKET: kgsync makes the branch, but not the repository.",
  },
  {
    says: /SSL certificate|certificate verif|server certificate/i,
    code: "bucket-unavailable",
    hint: "Give git the server's certificate authority: GIT_SSL_CAINFO, or ca-certificates in the image.",
  },
];

const HINT = "Check the host, the network and the proxy; kgsync tries again at the next start, timer or change.";

/** git's last words, without its advice. */
const wordsOf = ({ stderr, code }: GitRun): string => {
  const lines = stderr.split("\n").map((line) => line.trim());
  const said = lines.filter((line) => /^(?:fatal|error|remote|ssh|.*Permission denied|Host key)/.test(line));
  const chosen = (said.length > 0 ? said : lines.filter((line) => line !== "")).slice(0, 3).join("; ");
  return chosen === "" ? `it ended with ${code ?? "a signal"}` : withoutSecrets(chosen).slice(0, 300);
};

/** Somebody's `url.insteadOf` may lead to a URL with a password in it. */
const withoutSecrets = (text: string): string => text.replaceAll(/(:\/\/)[^/@\s]+@/g, "$1***@");

/** Why git could not do what was asked of the remote. `what` says what that was, with the store's name. */
export const toGitError = (what: string, run: GitRun): KgsyncError => {
  const row = ROWS.find(({ says }) => says.test(run.stderr));
  return new KgsyncError(row?.code ?? "bucket-unavailable", `${what}: git: ${wordsOf(run)}`, {
    hint: row?.hint ?? HINT,
  });
};

/** The copy on the disk does not do what git is asked: that says nothing about the remote. */
export const toCopyError = (what: string, run: GitRun): KgsyncError =>
  new KgsyncError("bucket-unavailable", `the copy of the repository: ${what}: git: ${wordsOf(run)}`, {
    hint: "Look at the space and the owner of `git/` in the state folder. It may be deleted: it is fetched again.",
  });
