import { expect, it } from "vitest";
import { toGitError } from "../../../src/adapters/git-object-store/git-error.ts";

const errorOf = (stderr: string) => toGitError("look at it", { code: 128, stdout: Buffer.alloc(0), stderr });

// As git 2.39, OpenSSH 9.2, GitHub, GitLab and Gitea say it.
it.each([
  ["fatal: Authentication failed for 'https://host/x.git/'", "bucket-denied"],
  ["fatal: could not read Username for 'https://host': terminal prompts disabled", "bucket-denied"],
  ["fatal: unable to access 'https://host/x.git/': The requested URL returned error: 403", "bucket-denied"],
  [
    "remote: Permission to o/x.git denied to somebody.\nfatal: unable to access 'https://github.com/o/x.git/'",
    "bucket-denied",
  ],
  ["git@host: Permission denied (publickey).\nfatal: Could not read from remote repository.", "bucket-denied"],
  ["Host key verification failed.\nfatal: Could not read from remote repository.", "bucket-denied"],
  ["remote: error: GH006: Protected branch update failed for refs/heads/main.", "bucket-denied"],
  ["remote: GitLab: You are not allowed to push code to protected branches on this project.", "bucket-denied"],
  [" ! [remote rejected] x -> main (pre-receive hook declined)", "bucket-denied"],
  ["fatal: detected dubious ownership in repository at '/srv/x.git'", "bucket-denied"],
  ["remote: Repository not found.\nfatal: repository 'https://github.com/o/x.git/' not found", "bucket-missing"],
  ["fatal: repository 'https://host/x.git/' not found", "bucket-missing"],
  [
    "fatal: '/srv/x.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    "bucket-missing",
  ],
  ["fatal: unable to access 'https://host/x.git/': Could not resolve host: host", "bucket-unavailable"],
  ["fatal: unable to access 'https://host/x.git/': The requested URL returned error: 503", "bucket-unavailable"],
  [
    "fatal: unable to access 'https://host/x/': server certificate verification failed. CAfile: none",
    "bucket-unavailable",
  ],
  [
    "ssh: connect to host host port 22: Connection timed out\nfatal: Could not read from remote repository.",
    "bucket-unavailable",
  ],
  ["something that nobody has seen yet", "bucket-unavailable"],
])("%s: %s", (stderr, code) => {
  expect(errorOf(stderr)).toMatchObject({ code, message: expect.stringContaining("look at it: git: ") });
});

it("has no password in its message, wherever git got it from", () => {
  const { message } = errorOf("fatal: unable to access 'https://user:secret@host/x.git/': Could not resolve host");
  expect(message).not.toContain("secret");
  expect(message).toContain("https://***@host/x.git/");
});
