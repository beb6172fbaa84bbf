import { field } from "./field.ts";
import { choice, count, optional, truth } from "./kinds.ts";
import { commandLine } from "./lists.ts";

/** What is done when a file, a store or another program is not as it should be. */
export const safetyFields = {
  validate: field(choice("auto", "json", "amadeus"), {
    env: "KGSYNC_VALIDATE",
    group: "safety",
    example: "json",
    prose:
      "What a valid graph is: a JSON object, or also what Amadeus itself can read. `auto`: the latter when the graph " +
      "looks like one of Amadeus.",
    fallback: "auto",
  }),
  validateCmd: field(optional(commandLine()), {
    env: "KGSYNC_VALIDATE_CMD",
    group: "safety",
    example: "jq -e .services",
    prose: "A program that must accept the graph too: it reads it on standard input, and ends with 0 if it is valid.",
    unset: "none",
  }),
  allowShrink: field(truth(), {
    env: "KGSYNC_ALLOW_SHRINK",
    group: "safety",
    example: "true",
    prose: "Push a graph that lost nearly everything. Better for one time: `kgsync push --allow-shrink <sha8>`.",
    fallback: "false",
  }),
  onInvalidRemote: field(choice("refuse", "fallback"), {
    env: "KGSYNC_ON_INVALID_REMOTE",
    group: "safety",
    example: "fallback",
    prose: "The bucket's graph is not valid: do not start, or fall back to the newest valid version or backup.",
    fallback: "refuse",
  }),
  onUnreachable: field(choice("refuse", "local"), {
    env: "KGSYNC_ON_UNREACHABLE",
    group: "safety",
    example: "local",
    prose:
      "The bucket cannot be reached at start: do not start, or start on a valid local graph that was in step before.",
    fallback: "refuse",
  }),
  onLocalBusy: field(choice("wait", "fail"), {
    env: "KGSYNC_ON_LOCAL_BUSY",
    group: "safety",
    example: "fail",
    prose: "Another kgsync owns the same files: stand by until it ends, or end with 75.",
    fallback: "wait",
  }),
  firstBoot: field(choice("allow", "refuse"), {
    env: "KGSYNC_FIRST_BOOT",
    group: "safety",
    example: "refuse",
    prose: "There is no graph anywhere yet: let the app begin a new one, or do not start (once you are in production).",
    fallback: "allow",
  }),
  history: field(count(0, 10_000), {
    env: "KGSYNC_HISTORY",
    group: "safety",
    example: "100",
    prose: "How many replaced versions of the graph are kept in the bucket under `.kgsync/versions/`; 0 keeps none.",
    fallback: "24",
    gitFallback: "0", // its own log has them all
  }),
  backupsLimit: field(count(1, 1_000_000), {
    env: "KGSYNC_BACKUPS_LIMIT",
    group: "safety",
    example: "5000",
    prose: "More files than this in the backups folder, and it is surely the wrong folder: refused.",
    fallback: "100000",
  }),
  unsafeStore: field(choice("refuse", "allow"), {
    env: "KGSYNC_UNSAFE_STORE",
    group: "safety",
    example: "allow",
    prose: "The store ignores conditional writes: do not start, or accept that two writers can overwrite each other.",
    fallback: "refuse",
  }),
};
