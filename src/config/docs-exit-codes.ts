import { ERRORS, type ErrorCode } from "../core/errors.ts";
import { cell, GENERATED } from "./docs.ts";

const MEANING: Readonly<Record<ErrorCode, string>> = {
  usage: "The command line is not understood.",
  "graph-invalid": "A graph is not valid, and starting on it would lose something.",
  "bucket-unavailable": "The bucket cannot be reached, or does not answer in time.",
  bug: "A defect in kgsync.",
  disk: "A file cannot be read or written: full, read-only, not permitted.",
  "not-durable": "The app was fine, or was stopped by kgsync, but its last save is not known to be in the bucket.",
  "local-busy": "Another kgsync owns the same files.",
  "lease-busy": "Another copy holds the lease, or took it while this one could not renew it.",
  "bucket-denied": "The bucket refuses the credentials.",
  "config-invalid": "The configuration has mistakes; all of them are listed.",
  "bucket-missing": "There is no such bucket.",
  "store-unsafe": "The store ignores conditional writes.",
  "command-not-executable": "The app's command is there but cannot be executed.",
  "command-not-found": "There is no such command.",
};

const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
  const { exit, retryable, hint } = ERRORS[code];
  const cells = [String(exit), `\`${code}\``, MEANING[code], retryable ? "yes" : "no", hint];
  return `| ${cells.map(cell).join(" | ")} |`;
});

/** docs/exit-codes.md. */
export const exitCodesMarkdown = (): string => `<!-- ${GENERATED} -->

# Exit codes

\`kgsync run\` ends as its app ended, as a shell would say it, when the app's data is safe:

| code | meaning |
|---|---|
| 0–255 | the app's own exit code |
| 128 + n | the app was ended by signal n (143: TERM, 137: KILL); or signal n came during the pull, and the app was never started |

Commands that answer a question do so with their code:

| command | 0 | 1 | 2 |
|---|---|---|---|
| \`kgsync diff\` | equal by meaning | different | |
| \`kgsync status\` | in step | not in step | |
| \`kgsync health\` | well | not well | |
| \`kgsync merge-file\` | merged | merged, with conflicts | refused |
| \`kgsync restore\`, \`kgsync conflicts resolve\` | done | the answer was no | |

All else is kgsync's own. The numbers follow sysexits(3) where one fits, and 126 and 127 are the shell's. A try again can help
without a change where the table says so.

| code | name | meaning | try again | what to do |
|---|---|---|---|---|
${rows.join("\n")}

An app may use the same numbers: the last line of the log tells whose code it is and whether the data is safe. If the app fails with
a code of its own and its last save is not known to be in the bucket, the app's code stands, and the last line says
\`data=unsafe\`.
`;
