import { rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import type { Log } from "../ports/log.ts";
import { makePrivateCopy, type PrivateCopy } from "./private-copy.ts";
import type { Program } from "./program.ts";
import { run } from "./run.ts";

/**
 * `kgsync exec`: a tool beside a running app. It is `run` on files of its own: what the bucket has is brought into a new
 * folder, the tool runs on that, and what it changed is merged into the bucket. Were it to write the app's file, the app's
 * next save would take it back. Resolves with the exit code; the folder stays when it holds what the bucket does not.
 */
export const exec = async (
  program: Program,
  config: Config,
  log: Log,
  argv: readonly [string, ...string[]],
): Promise<number> => {
  const copy = makePrivateCopy(config);
  let unsafe = false;
  try {
    return await run(program, onCopy(config, copy), log, onPaths(argv, config, copy), {
      env: { KGSYNC_GRAPH: copy.graph, KGSYNC_BACKUPS: copy.backups ?? "" },
      ended: ({ data }) => {
        unsafe = data === "unsafe";
      },
    });
  } finally {
    if (!unsafe) remove(copy.folder, log);
  }
};

/** The timer and the watch are off: one push of all that the tool did, not of a state in the middle of it. */
const onCopy = (config: Config, copy: PrivateCopy): Config => ({
  ...config,
  graph: copy.graph,
  backups: copy.backups,
  include: copy.include,
  stateDir: join(dirname(copy.graph), ".kgsync"),
  cwd: copy.cwd ?? config.cwd,
  interval: 0,
  watch: false,
  lease: false,
  http: undefined,
  onRemoteChange: { kind: "ignore" },
  signalMap: new Map(), // of the app; a tool stops as tools do
  terminationLog: undefined,
  // They are about the app: a tool's heartbeat would hide that the app's is missing.
  hookAfterPull: undefined,
  hookBeforePush: undefined,
  hookOnConflict: undefined,
  hookOnUnsynced: undefined,
  heartbeatUrl: undefined,
});

/** The program is looked for where it was typed; its arguments may name the copy. */
const onPaths = (
  [name, ...args]: readonly [string, ...string[]],
  { cwd }: Config,
  copy: PrivateCopy,
): readonly [string, ...string[]] => [
  name.includes("/") ? resolve(cwd ?? ".", name) : name,
  ...args.map((arg) => arg.replaceAll("{graph}", () => copy.graph).replaceAll("{backups}", () => copy.backups ?? "")),
];

const remove = (folder: string, log: Log): void => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch (err) {
    log.warn("exec.not-removed", "the tool's copy of the files could not be removed", { folder, err });
  }
};
