import { field } from "./field.ts";
import { duration, line, optional, parsedText } from "./kinds.ts";

// No angle bracket and no control character in either part: git fast-import(1) would take them for the end of it.
const PERSON = /^[^<>\p{Cc}\s](?:[^<>\p{Cc}]*[^<>\p{Cc}\s])? <[^<>\p{Cc}\s]+>$/u;

/** A bucket in a Git repository, beyond what git itself is told by its own variables and files. */
export const gitFields = {
  gitInterval: field(duration("1s", "no waiting"), {
    env: "KGSYNC_GIT_INTERVAL",
    group: "git",
    example: "10m",
    prose:
      "How far apart pushes are at least, and with them the commits. What is saved meanwhile goes into the next one. The " +
      "last push, when the app has ended, does not wait.",
    fallback: "1m",
  }),
  gitAuthor: field(
    optional(parsedText("a name and an address: `Name <address>`", PERSON, (text) => ({ value: text }))),
    {
      env: "KGSYNC_GIT_AUTHOR",
      group: "git",
      example: "kgsync <kgsync@example.com>",
      prose:
        "Who makes the commits. Without it git's own settings say so: `GIT_AUTHOR_NAME` and `GIT_AUTHOR_EMAIL`, `user.name`.",
      unset: "git's author, else kgsync",
    },
  ),
  gitToken: field(optional(line("the token, without blanks around it")), {
    env: "KGSYNC_GIT_TOKEN",
    group: "git",
    secret: true,
    example: "github_pat_11ABCDEFG0123456789",
    prose:
      "A token for `git+https://`, or a password. Without it git finds its own way: a credential helper, `GIT_ASKPASS`, `.netrc`.",
    unset: "git's own ways",
  }),
  gitUsername: field(line("a name, without blanks around it"), {
    env: "KGSYNC_GIT_USERNAME",
    group: "git",
    example: "x-token-auth",
    prose: "The name to go with `KGSYNC_GIT_TOKEN`. Most servers look at the token alone.",
    fallback: "x-access-token",
  }),
};
