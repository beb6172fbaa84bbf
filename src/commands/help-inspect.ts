const DIFF = `Usage: kgsync diff [A [B]] [--document NAME] [--json] [--SETTING VALUE]…

Shows what B has otherwise than A, by meaning: section by section, what was added (+), removed (-) and changed (~). A and B are
local (the graph on disk; A if not given), bucket (the bucket's graph; B if not given), a version, a backup, a document of a
conflict, each as \`kgsync log\` names it, or a file. Changes nothing; may run beside the app.

  kgsync diff                       what a pull would bring
  kgsync diff bucket local          what a push would bring
  kgsync diff 3f2a                  what has changed in the bucket since version 3f2a…
  kgsync diff old.json new.json --json

  --document NAME   of a file of KGSYNC_INCLUDE instead of the graph, by its name there

Ends with 0 (equal, clock fields aside) or 1 (different).
`;

const LOG = `Usage: kgsync log [--limit N | --all] [--document NAME] [--json] [--SETTING VALUE]…

Lists what the bucket holds, newest first: the graph, the versions that were replaced, backups and conflicts, with time, size
and writer. Changes nothing; may run beside the app. The names are what \`diff\`, \`restore\` and \`conflicts\` take.

  kgsync log
  kgsync log --limit 100
  kgsync log --all --json   for programs

  --limit N         that many lines (default 20); --all: all of them
  --document NAME   of a file of KGSYNC_INCLUDE instead of the graph, by its name there
`;

const RESTORE = `Usage: kgsync restore VERSION|BACKUP|FILE [--document NAME] [--dry-run | --yes] [--bucket-only] [--json]
       [--SETTING VALUE]…

Makes a version, a backup (as \`kgsync log\` names them) or a file the bucket's graph. Shows first what would change, and asks. The
graph that is replaced is kept as a version: a restore can be taken back by another. The graph on disk follows, if there is one.

  kgsync restore 3f2a --dry-run   shows what would change, and does nothing
  kgsync restore knowledge_graph_20250103_101500.json
  kgsync restore ./mended.json --yes

  --dry-run         only show
  --yes             do not ask; needed where there is no terminal
  --bucket-only     leave the files here alone: for a restore beside a running app, whose next start brings the graph
  --document NAME   of a file of KGSYNC_INCLUDE instead of the graph, by its name there
  --json            the preview for programs, as of \`kgsync diff --json\`

Ends with 0, or with 1 if you said no.
`;

const CONFLICTS = `Usage: kgsync conflicts [list] [--all] [--document NAME] [--json] [--SETTING VALUE]…
       kgsync conflicts show NAME [--document NAME] [--json] [--SETTING VALUE]…
       kgsync conflicts resolve NAME --ours|--theirs|--keep [--at POINTER] [--dry-run | --yes] [--bucket-only]
       [--document NAME] [--json]

Where two writers changed the same, one value was chosen and the other recorded in the bucket; a version that must not become
the graph (torn, emptied, not to be merged) is kept there whole. NAME may be the start of a name.

  kgsync conflicts                  those that are open; --all: the resolved ones too
  kgsync conflicts show 4be1        both values at each place, and which one was chosen
  kgsync conflicts resolve 4be1 --ours --dry-run
  kgsync conflicts resolve 4be1 --ours --at /services/billing/version --yes
  kgsync conflicts resolve 4be1 --keep

  --ours, --theirs   the values of the writer that the conflict is named after, or of the bucket then. They are put into the
                     graph as it is now; where somebody has changed the same since, nothing is done. Asks like \`restore\`
  --keep             the graph stays as it is; the conflict is marked as resolved
  --at POINTER       only at this place; the conflict stays open
  --document NAME    of a file of KGSYNC_INCLUDE instead of the graph, by its name there

Nothing is removed: a resolved conflict and the version that was replaced stay in the bucket.
`;

/** The help of the commands that look into a bucket and bring back. */
export const INSPECT_TEXTS = {
  diff: () => DIFF,
  log: () => LOG,
  restore: () => RESTORE,
  conflicts: () => CONFLICTS,
} as const;
