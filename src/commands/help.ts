import { SETTINGS } from "../config/schema.ts";
import { INSPECT_TEXTS } from "./help-inspect.ts";
import { COPY, DOCTOR, INSTALL, PRUNE, STATUS, SYNC, WATCH } from "./help-tools.ts";

const GENERAL = `kgsync keeps an app's state files and a bucket in step, and loses no save.

Usage: kgsync COMMAND [OPTIONS]

  run [--] PROGRAM ARG…   pull, start the program, push every change, push last when it ends
  pull                    bring the files from the bucket
  push                    bring the files to the bucket
  sync                    both: pull and push; where a kgsync runs, ask it to push now
  status                  in step or not, since when, and what is waiting
  watch                   keep the files of an app in another container in step (a sidecar)
  exec [--] PROGRAM ARG…  run a tool on a copy of the files, and merge what it changed into the bucket
  diff [A [B]]            what is different in two versions, by meaning
  log                     versions, backups and conflicts in the bucket
  restore VERSION|BACKUP  make an earlier version the graph again
  conflicts               what gave way in a merge: list, show and resolve it
  copy FROM TO            bring a whole bucket to another one, verified
  lease show | release    who holds the lease, and how to take it from a holder that is gone
  config                  show the settings in force, and where each comes from
  doctor                  try what kgsync needs: bucket, disk, grace, credentials; say what to do
  prune                   remove the oldest kept versions, and backups if you say so, from the bucket
  merge-file              merge three JSON files by meaning (a merge driver for git)
  health                  end with 0 if a running kgsync is well (for HEALTHCHECK)
  completion SHELL        words for the TAB key of bash, zsh or fish
  install DIR             put this kgsync, with its Node, into a folder, for an app's container to start from
  version                 print the version
  help COMMAND            more about one command; \`help settings\` lists all settings

The one setting that is required says where the bucket is:

  KGSYNC_BUCKET=s3://my-bucket/my-app kgsync run -- /my-app
  KGSYNC_BUCKET=file:///mnt/shared/my-app kgsync run -- /my-app

In a Dockerfile:

  ENTRYPOINT ["kgsync", "run", "--"]
  CMD ["/my-app"]
`;

const RUN = `Usage: kgsync run [--SETTING VALUE]… [--] PROGRAM ARG…

Brings the files from the bucket, starts the program, and brings them back after every change, on a timer and at the end.
Signals and standard input, output and error are the program's own. Ends with the program's code, or with 75 when its last
save is not known to be in the bucket.

  kgsync run -- /my-app --port 8080
  kgsync run --bucket file:///tmp/bucket --graph state.json --interval 10s -- /my-app

Each setting is an environment variable or an option: KGSYNC_INTERVAL=10s is --interval 10s. See \`kgsync help settings\`.
`;

const PULL = `Usage: kgsync pull [--SETTING VALUE]…

Brings the graph and the backups from the bucket. Local work that is not in the bucket yet is not overwritten.

  KGSYNC_BUCKET=s3://my-bucket/my-app kgsync pull
  kgsync pull --bucket file:///mnt/shared/my-app --backups-pull none
`;

const PUSH = `Usage: kgsync push [--allow-shrink SHA8] [--SETTING VALUE]…

Brings the graph and the backups to the bucket. Never overwrites what somebody else wrote there in the meantime.

  KGSYNC_BUCKET=s3://my-bucket/my-app kgsync push

  --allow-shrink SHA8   push this version though it lost nearly everything; SHA8 is the start of its SHA-256, as the
                        log printed it when it held the version back
`;

const EXEC = `Usage: kgsync exec [--SETTING VALUE]… [--] PROGRAM ARG…

Runs a tool on a copy of the files that is its own, and merges what it changed into the bucket: the way to change a graph
beside an app that runs. The app's files are neither read nor written. The copy lies in a new folder, which is the tool's
working directory if KGSYNC_GRAPH is a relative path. The tool finds it at that path, in the variables KGSYNC_GRAPH and
KGSYNC_BACKUPS, and in its arguments, where {graph} and {backups} stand for the paths.

  kgsync exec -- kgcli add-service billing
  kgsync exec -- my-tool --file {graph}

Ends with the tool's code. What a tool that failed had changed is merged too, if it left a valid graph. Ends with 75 if the
changes are not in the bucket: the copy is then kept, and the last line says how to bring it there.
`;

const LEASE = `Usage: kgsync lease show [--json] [--SETTING VALUE]…
       kgsync lease release --force [--SETTING VALUE]…

  kgsync lease show              who holds the lease, with which epoch, and the graph's epoch beside it
  kgsync lease show --json       for programs
  kgsync lease release --force   free it, for a holder that is gone; one that is still there stops its app
`;

const CONFIG = `Usage: kgsync config [--json | --env] [--SETTING VALUE]…

Shows every setting's value and source, and AWS's variables that are set. Secrets are masked. Touches nothing; ends with 78 and
the whole list if something is wrong.

  kgsync config
  kgsync config --json   for programs
  kgsync config --env    KEY=value lines for an env file or a ConfigMap, without secrets
`;

const HEALTH = `Usage: kgsync health [--SETTING VALUE]…

Ends with 0 if the kgsync that runs beside it is well. Does not ask the bucket. One that waits for the lease is well only with
KGSYNC_READY_WHEN=standby, or when it has handed the lease over.

  HEALTHCHECK CMD ["kgsync", "health"]
`;

const MERGE_FILE = `Usage: kgsync merge-file BASE OURS THEIRS [--output FILE] [--report FILE] [--path NAME] [--on-conflict POLICY]
                         [--identity POINTER=KEY,KEY]…

Merges two JSON documents by meaning: what each side changed since BASE is kept. Needs no bucket. An empty BASE: there was none.

  kgsync merge-file base.json ours.json theirs.json --output merged.json --report conflicts.json

  --output FILE          write the result there instead of to standard output
  --report FILE          write the conflicts there, with all versions of each
  --path NAME            the documents' real name; one that ends with .jsonl is merged as JSON Lines (default: OURS)
  --on-conflict POLICY   which side wins where both changed the same: newest (default), ours, theirs
  --identity POINTER=KEY,KEY
                         what tells the elements of one list apart, as in KGSYNC_MERGE_KEYS: --identity /orders/*/lines=sku
                         A+B: two members together. May be given for several lists

Ends with 0 (clean), 1 (one side was chosen somewhere) or 2 (refused: nothing was written). As a merge driver for git:

  git config merge.kgsync.driver "kgsync merge-file %O %A %B --output %A --path %P"
  echo "*.json merge=kgsync" >> .gitattributes
`;

const COMPLETION = `Usage: kgsync completion bash|zsh|fish

Prints a script that teaches the shell the commands and their options. The line for ~/.bashrc, for ~/.zshrc (behind compinit)
and for ~/.config/fish/config.fish:

  eval "$(kgsync completion bash)"
  eval "$(kgsync completion zsh)"
  source (kgsync completion fish | psub)
`;

const settings = (): string => {
  const rows = SETTINGS.map(({ env, flag, fallback, unset }) => ({
    env,
    flag: flag === undefined ? `${env}_FILE` : `--${flag}`,
    value: unset === undefined ? (fallback ?? "") : `(${unset.replaceAll("`", "")})`,
  }));
  const width = (pick: (row: (typeof rows)[number]) => string): number =>
    Math.max(...rows.map((row) => pick(row).length));
  const [env, flag] = [width((row) => row.env), width((row) => row.flag)];
  const lines = rows.map((row) => `  ${row.env.padEnd(env)}  ${row.flag.padEnd(flag)}  ${row.value}`.trimEnd());
  return `Every setting is an environment variable, and an option that overrides it; secrets can come from a file.\n\n${lines.join("\n")}\n`;
};

const TEXTS = {
  ...INSPECT_TEXTS,
  kgsync: () => GENERAL,
  run: () => RUN,
  exec: () => EXEC,
  pull: () => PULL,
  push: () => PUSH,
  sync: () => SYNC,
  status: () => STATUS,
  watch: () => WATCH,
  lease: () => LEASE,
  config: () => CONFIG,
  health: () => HEALTH,
  doctor: () => DOCTOR,
  prune: () => PRUNE,
  copy: () => COPY,
  install: () => INSTALL,
  "merge-file": () => MERGE_FILE,
  completion: () => COMPLETION,
  version: () => "Usage: kgsync version\n\nPrints the version.\n",
  help: () => "Usage: kgsync help [COMMAND | settings]\n",
  settings,
} as const satisfies Record<string, () => string>;

/** What there is help about; `kgsync` is the program as a whole. */
export type Topic = keyof typeof TEXTS;

/** Whether there is a help text of that name. */
export const isTopic = (word: string): word is Topic => Object.hasOwn(TEXTS, word);

export const TOPICS: readonly Topic[] = Object.keys(TEXTS).filter(isTopic);

/** The help text, ending with a newline. */
export const helpText = (topic: Topic): string => TEXTS[topic]();
