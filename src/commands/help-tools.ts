/** Of the commands about a running kgsync, and of those that look after a bucket and a machine. */
export const SYNC = `Usage: kgsync sync [--dry-run] [--json] [--SETTING VALUE]…

Brings both sides together: afterwards the disk and the bucket hold everything of both. Where a kgsync runs on these files, as
in its container, it is asked to push now, and its answer is waited for.

  kgsync sync --bucket file:///mnt/shared/my-app
  docker exec my-container kgsync sync

  --dry-run   say what would be done, and change nothing
  --json      for programs

Ends with 0 when both are in step, and with 75 when local work is not known to be in the bucket.
`;

export const STATUS = `Usage: kgsync status [--json] [--SETTING VALUE]…

Says whether both sides are in step and since when, what is waiting and why, and who holds the lease. Asks the kgsync that runs on
these files; with nobody running it looks at the disk and at the bucket itself. Changes nothing.

  kgsync status
  kgsync status --json   for programs

Ends with 0 if both are in step, with 1 if they are not.
`;

export const WATCH = `Usage: kgsync watch [--SETTING VALUE]…

\`kgsync run\` without a program, for an app in another container that shares the folder and the user: brings the files from the
bucket, then brings every change back, until it is stopped. It must be started before the app and stopped after it.

  kgsync watch --bucket s3://my-bucket/my-app --graph /data/knowledge_graph.json

Ends with 0 after a stop signal, and with 75 when the last save is not known to be in the bucket. Needs KGSYNC_LEASE=off and
KGSYNC_ON_REMOTE_CHANGE=ignore, since it cannot stop the app.
`;

export const DOCTOR = `Usage: kgsync doctor [--json] [--SETTING VALUE]…

Tries what kgsync needs, and says of each thing what it saw and what to do: permissions in the bucket, whether it honours
conditional writes, the clocks, the disk, the working directory, the grace period, where credentials come from, Node, tini, TLS
and proxy. Changes nothing: the one object that it writes, \`.kgsync/doctor\`, is its own, and is removed again.

  kgsync doctor
  kgsync doctor --json   for programs

Ends with 0, or with the code that \`kgsync run\` would have for the first problem. Warnings alone are 0.
`;

export const PRUNE = `Usage: kgsync prune [--dry-run] [--keep-backups N] [--json] [--SETTING VALUE]…

Removes all but the newest KGSYNC_HISTORY kept versions from the bucket; at least one stays. Backups are left alone without
--keep-backups.

  kgsync prune --dry-run                    show what would go
  kgsync prune --history 5                  keep five versions
  kgsync prune --keep-backups 100           keep the backups of the newest 100 moments too

  --keep-backups N   remove older backups, by the time in their names, from the bucket and from this disk. The last valid
                     one stays however old it is. Another copy of the app that still has one brings it back when its
                     state folder is lost: prune there too
`;

export const COPY = `Usage: kgsync copy [--dry-run] [--json] [--SETTING VALUE]… FROM TO

Brings everything from one bucket to another, of whatever kind: documents, backups, kept versions, conflict records, with what
kgsync noted of them. Each object is read back and compared. Nothing there is overwritten, but what this version came from;
run again, it brings what is missing. The lease stays where it is. Stop the apps first: what they save after it is not brought.

  kgsync copy --dry-run s3://my-bucket/my-app file:///mnt/shared/my-app
  kgsync copy file:///mnt/shared/my-app s3://my-bucket/my-app

Both use the same credentials from the environment. Where they need different ones, copy to a folder and from there.
Ends with 0 when all is there, and with 75 when something was left: it says what, and why.
`;

export const INSTALL = `Usage: kgsync install [--dry-run] [--json] DIR

Puts this kgsync, with its Node and tini, into DIR/kgsync: whole or not at all, and again without harm. For an init container
that shares DIR (an emptyDir) with an app whose image is not to be built anew. Prints what the app's command becomes, and what
the app's image must have. Needs no settings.

  kgsync install /kgsync
  kgsync install --json /kgsync   for programs
`;
